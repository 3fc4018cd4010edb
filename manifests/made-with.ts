// The ConfigMap deploy-options: for which cluster the files were made, and with which options.
//
// It is applied with the others and outlives them: `down` leaves it, so that the next `up` brings back what
// was there. In build/ it says whose password the folder has.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigMap } from 'kubernetes-types/core/v1.js'
import { parseAllDocuments } from 'yaml'
import { isDatabasePlace } from './external-database.ts'
import * as names from './names.ts'
import {
  isSecretSource,
  type OptionValues,
  optionsOf,
  type Settings,
  type Target,
} from './options.ts'

export interface MadeWith {
  readonly target: string
  /** The minikube profile, if `up` wrote the files. */
  readonly cluster: string | undefined
  /** All of them, by name without dashes. */
  readonly options: OptionValues
  /** Those of `npm run manifests` that no `up` has brought to a cluster yet. */
  readonly asked: OptionValues
}

const configFile = 'mongo-config.yaml'
export const secretFile = 'mongo-secret.yaml'
/** Not the folder itself: `kubectl apply -f build/` would take kustomization.yaml for an object. */
export const kustomizeFolder = 'kustomize'

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

// Somebody may have written it by hand.
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
  // What nobody asked for is not there, so that a default is not kept as if somebody had.
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

/** What the files of a folder were made with. */
export function readMadeWith(folder: string): MadeWith | undefined {
  const path = join(folder, configFile)
  if (!existsSync(path)) return undefined
  const documents: unknown = parseAllDocuments(readFileSync(path, 'utf8'))
  return (Array.isArray(documents) ? documents : [])
    .map((document: { toJS(): unknown }) => readOptionsMap(document.toJS()))
    .find((found) => found !== undefined)
}

/**
 * What the folder keeps if nothing is said: to forget such an option once would make another password than the one
 * that is in use, or lead to another database or another disk.
 */
export function keptChoices(made: MadeWith | undefined) {
  const {
    secret,
    database,
    'database-cidr': ranges,
    'volume-node': volumeNode,
  } = made?.options ?? {}
  return {
    secret: isSecretSource(secret) ? secret : undefined,
    database: isDatabasePlace(database) ? database : undefined,
    databaseCidr: ranges?.split(','),
    volumeNode,
  }
}

/** Where the password of another cluster, or of the cloud target, is kept meanwhile. */
const placeOf = (folder: string, owner: string) => join(folder, `of-${owner}`)

/**
 * Makes a folder that was made for another cluster or target count for nothing: its password is put aside,
 * and that of this cluster comes back. Nothing is lost: a password may be the only copy there is.
 */
export function claimFolder(folder: string, target: Target, cluster: string): void {
  const made = readMadeWith(folder)
  const isOurs = made?.target === target && (made.cluster ?? cluster) === cluster
  if (made === undefined || isOurs) return
  const secret = join(folder, secretFile)
  if (existsSync(secret)) {
    const place = placeOf(folder, made.cluster ?? made.target)
    mkdirSync(place, { recursive: true })
    renameSync(secret, join(place, secretFile))
  }
  const own = join(placeOf(folder, cluster), secretFile)
  if (existsSync(own)) renameSync(own, secret)
  // They say what the folder was made with, and what needs the token; the last has the password too.
  for (const name of [configFile, 'app.yaml', kustomizeFolder]) {
    rmSync(join(folder, name), { force: true, recursive: true })
  }
}
