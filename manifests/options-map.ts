// The ConfigMap deploy-options: for which cluster the files were made, and with which options.
//
// It is applied with the others and outlives them: `down` leaves it, so that the next `up` brings back what
// was there. It is not YAML: the parser takes half of the time in which a program of deploy/ starts.
import type { ConfigMap } from 'kubernetes-types/core/v1.js'
import * as names from './names.ts'
import { type OptionValues, optionsOf, type Settings } from './options.ts'

export interface MadeWith {
  readonly target: string
  /** The minikube profile, if `up` wrote the files. */
  readonly cluster: string | undefined
  /** All of them, by name without dashes. */
  readonly options: OptionValues
  /** Those of `npm run manifests` that no `up` has brought to a cluster yet. */
  readonly asked: OptionValues
}

const format = (values: OptionValues): string =>
  Object.entries(values)
    .map(([name, value]) => `--${name}=${encodeURI(value)}`)
    .join(' ')

const parseValues = (line: unknown): OptionValues =>
  Object.fromEntries(
    (typeof line === 'string' ? line.split(' ') : []).flatMap((word) => {
      const [, name, value] = /^--([a-z-]+)=(\S+)$/.exec(word) ?? []
      return name && value ? [[name, decoded(value)]] : []
    }),
  )

// It may have been written by hand.
function decoded(value: string): string {
  try {
    return decodeURI(value)
  } catch {
    return value
  }
}

const unsaid: OptionValues = {
  'api-token': 'none',
  secret: 'generated',
  database: 'own',
  'database-cidr': '',
  backup: 'nightly',
}

/** The object that goes with the settings. `asked` is what was asked for by hand. */
export function optionsMap(settings: Settings, cluster: string | undefined, asked: OptionValues) {
  const { secret, volumeNode } = settings
  const said = {
    ...optionsOf(settings),
    ...(secret === undefined ? {} : { secret }),
    ...(volumeNode === undefined ? {} : { 'volume-node': volumeNode }),
  }
  // Defaults are left out, so that they are not kept as if they had been asked for.
  const options = Object.fromEntries(
    Object.entries(said).filter(([name, value]) => value !== unsaid[name]),
  )
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: names.options,
      namespace: names.applicationNamespace[settings.target],
      labels: names.labels(names.application.selector, names.options, 'application'),
    },
    data: {
      // Its name in clusters that there are.
      profile: settings.target,
      ...(cluster === undefined ? {} : { cluster }),
      options: format(options),
      ...(Object.keys(asked).length === 0 ? {} : { asked: format(asked) }),
    },
  } satisfies ConfigMap
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads the object back; undefined if it is another or none. */
export function readOptionsMap(object: unknown): MadeWith | undefined {
  if (!isRecord(object) || !isRecord(object.metadata) || !isRecord(object.data)) return undefined
  if (object.kind !== 'ConfigMap' || object.metadata.name !== names.options) return undefined
  const { profile: target, cluster, options, asked } = object.data
  if (typeof target !== 'string') return undefined
  return {
    target,
    cluster: typeof cluster === 'string' ? cluster : undefined,
    options: parseValues(options),
    asked: parseValues(asked),
  }
}
