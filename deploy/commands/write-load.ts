// write-load.ts: writes build/load/objects.json, the load test with the image that the cluster runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Job } from 'kubernetes-types/batch/v1.js'
import type { ConfigMap } from 'kubernetes-types/core/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import { application, tokenSecret } from '../../manifests/names.ts'
import { containerSecurity, restrictedPod } from '../../manifests/pod-security.ts'
import { getObjects, kubectlOf, namespace, textAt } from '../cluster/kubectl.ts'
import { say } from '../cluster/report.ts'
import { tokenScopeOf } from '../cluster/workload.ts'
import { readArguments } from './command-line.ts'

async function main(): Promise<void> {
  const { profile, value } = readArguments([], ['minutes', 'clients', 'rate'])
  const minutes = Number(value('minutes') ?? 3)
  const clients = Number(value('clients') ?? 24)
  const rate = Number(value('rate') ?? 0)
  const deployment = await getObjects(kubectlOf(profile), 'deployment', application.deployment)
  const image = textAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'image')
  const program = readFileSync(new URL('../load/load-job.mjs', import.meta.url), 'utf8')
  const objects = loadObjects({
    ...{ image, program, seconds: Math.round(minutes * 60), clients, rate },
    withToken: tokenScopeOf(deployment) !== 'none',
  })
  // A folder of its own: `kubectl apply -f build/` must not start a load test.
  mkdirSync('build/load', { recursive: true })
  writeFileSync('build/load/objects.json', `${JSON.stringify(objects, null, 2)}\n`)
  say(
    `wrote build/load/objects.json: ${clients} clients for at most ${minutes} min, image ${image}`,
  )
}

export const loadName = 'app-load'
const labels = { 'app.kubernetes.io/name': loadName, 'app.kubernetes.io/part-of': 'data-service' }
const metadata = { name: loadName, namespace, labels }

interface LoadSettings {
  image: string
  program: string
  seconds: number
  clients: number
  rate: number
  /** Whether the service asks for the token of its Secret. */
  withToken?: boolean
  /** A document to POST to /data, instead of GET /. */
  body?: string
}

// Above the application's own needs: if the Job alone were slow, its figures would be its own.
const resources = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { cpu: '1', memory: '256Mi' },
}

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ['Egress'],
    egress: [
      {
        to: [{ podSelector: { matchLabels: application.selector } }],
        ports: [{ protocol: 'TCP', port: application.port }],
      },
      {
        ports: [53].flatMap((port) => [
          { protocol: 'UDP', port },
          { protocol: 'TCP', port },
        ]),
      },
    ],
  },
} satisfies NetworkPolicy

// The job is gone after the run; the application itself reads its token from a file.
const tokenVariable = {
  name: 'API_TOKEN',
  valueFrom: { secretKeyRef: { name: tokenSecret, key: 'token' } },
}

/** One List, so that one file is applied and one file is deleted. */
export function loadObjects(settings: LoadSettings) {
  const { image, program, seconds, clients, rate, withToken = false, body } = settings
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { 'load-job.mjs': program },
  } satisfies ConfigMap
  const env = {
    TARGET: `http://${application.service}:${application.port}`,
    SECONDS: `${seconds}`,
    CLIENTS: `${clients}`,
    RATE: `${rate}`,
    ...(body !== undefined && { BODY: body, PATHS: '/data' }),
  }
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      backoffLimit: 0,
      // It ends even if nobody is left to end it: a closed laptop, a killed terminal.
      activeDeadlineSeconds: seconds + 60,
      ttlSecondsAfterFinished: 300,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          ...restrictedPod(application.user),
          terminationGracePeriodSeconds: 2,
          containers: [
            {
              name: 'load',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['node', '/load/load-job.mjs'],
              env: [
                ...Object.entries(env).map(([name, value]) => ({ name, value })),
                ...(withToken ? [tokenVariable] : []),
              ],
              resources,
              securityContext: containerSecurity,
              volumeMounts: [{ name: 'program', mountPath: '/load', readOnly: true }],
            },
          ],
          volumes: [{ name: 'program', configMap: { name: loadName } }],
        },
      },
    },
  } satisfies Job
  return { apiVersion: 'v1', kind: 'List', items: [policy, map, job] }
}

if (import.meta.main) await main()
