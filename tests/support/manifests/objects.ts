// The objects under test: both targets, with fixed credentials, and ways to find one among them.
import assert from 'node:assert/strict'
import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js'
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js'
import type { CronJob } from 'kubernetes-types/batch/v1.js'
import type {
  ConfigMap,
  PodSpec,
  PodTemplateSpec,
  Secret,
  Service,
} from 'kubernetes-types/core/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import type { Credentials } from '../../../manifests/credentials.ts'
import type { Target } from '../../../manifests/option-forms.ts'
import { defaults, type Settings } from '../../../manifests/options.ts'
import type { KubernetesObject } from '../../../manifests/write-files.ts'
import { manifests } from '../../../manifests.ts'

export const targets: readonly Target[] = ['minikube', 'cloud']
export const credentials: Credentials = {
  username: 'data-service',
  password: '0123456789abcdef01234567',
  type: 'kubernetes.io/basic-auth',
}

/** Every combination of the options that decide which objects there are. */
export function* combinations(): Generator<{ target: Target; settings: Partial<Settings> }> {
  for (const target of targets)
    for (const secret of ['generated', 'external'] as const)
      for (const place of places)
        for (const apiToken of ['none', 'all'] as const)
          for (const monitoring of [false, true])
            for (const way of target === 'cloud' ? ways : [{}])
              yield {
                target,
                // With each of the others once: the backup knows nothing of the token.
                settings: {
                  ...{ secret, ...place, apiToken, monitoring, ...way },
                  backup: apiToken === 'all' ? 'none' : 'nightly',
                },
              }
}

const places: readonly Partial<Settings>[] = [
  { database: 'own' },
  { database: 'external' },
  { database: 'external', databaseCidr: ['10.1.0.0/16', 'fd00::/8'] },
]

const host = 'api.example.com'
const ways: readonly Partial<Settings>[] = [
  {},
  { host },
  { host, tlsIssuer: 'letsencrypt' },
  { host, tlsIssuer: 'Issuer/own', ingress: 'nginx' },
]

export const filesOf = (target: Target, settings: Partial<Settings> = {}) =>
  manifests(
    { ...defaults, ...settings, target },
    settings.secret === 'external' || settings.database === 'external' ? undefined : credentials,
  )

export const objectsOf = (target: Target, settings: Partial<Settings> = {}) =>
  filesOf(target, settings).flatMap(({ objects }) => objects)

interface Kinds {
  ConfigMap: ConfigMap
  CronJob: CronJob
  Deployment: Deployment
  HorizontalPodAutoscaler: HorizontalPodAutoscaler
  NetworkPolicy: NetworkPolicy
  PodDisruptionBudget: PodDisruptionBudget
  Secret: Secret
  Service: Service
  StatefulSet: StatefulSet
}

const isA = <Kind extends keyof Kinds>(
  object: object,
  kind: Kind,
): object is KubernetesObject & Kinds[Kind] => 'kind' in object && object.kind === kind

/** Every object of a kind, with that kind's type. */
export const allOf = <Kind extends keyof Kinds>(target: Target, kind: Kind) =>
  objectsOf(target).filter((object) => isA(object, kind))

/** The one object of a kind and a name; the test fails if it is missing. */
export function one<Kind extends keyof Kinds>(target: Target, kind: Kind, name: string) {
  const found = allOf(target, kind).find(({ metadata }) => metadata.name === name)
  assert.ok(found, `${target}: no ${kind} ${name}`)
  return found
}

export interface Workload {
  name: string
  namespace: string
  selector: Record<string, string>
  template: PodTemplateSpec
  pod: PodSpec
}

/** What makes pods: Deployments and StatefulSets. */
export function workloadsOf(target: Target): Workload[] {
  return [...allOf(target, 'Deployment'), ...allOf(target, 'StatefulSet')].map((object) => {
    const { metadata, spec } = object
    assert.ok(spec?.template.spec && metadata.namespace && spec.selector.matchLabels)
    return {
      name: metadata.name,
      namespace: metadata.namespace,
      selector: spec.selector.matchLabels,
      template: spec.template,
      pod: spec.template.spec,
    }
  })
}

/** The pod of the nightly backup, with its labels. */
export function backupOf(target: Target, settings: Partial<Settings> = {}) {
  const found = objectsOf(target, settings).find((object) => isA(object, 'CronJob'))
  const template = found?.spec?.jobTemplate.spec?.template
  assert.ok(found?.spec && template?.spec)
  return { spec: found.spec, labels: template.metadata?.labels, pod: template.spec }
}

/** Whether a selector's labels are all among the given ones; an empty selector takes everything. */
export const selects = (
  selector: Record<string, string> | undefined,
  labels: Record<string, string> | undefined,
): boolean => Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value)
