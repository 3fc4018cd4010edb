// For which cluster a folder was made, and whose password it has: what its ConfigMap deploy-options says.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { isDatabasePlace } from './external-database.ts'
import { isSecretSource, type Target } from './option-forms.ts'
import { type MadeWith, readOptionsMap } from './options-map.ts'

const configFile = 'mongo-config.yaml'
export const secretFile = 'mongo-secret.yaml'
/** Not the folder itself: `kubectl apply -f build/` would take kustomization.yaml for an object. */
export const kustomizeFolder = 'kustomize'

/** What made the files of a folder. */
export function readMadeWith(folder: string): MadeWith | undefined {
  const path = join(folder, configFile)
  if (!existsSync(path)) return undefined
  const documents: unknown = parseAllDocuments(readFileSync(path, 'utf8'))
  return (Array.isArray(documents) ? documents : [])
    .map((document: { toJS(): unknown }) => readOptionsMap(document.toJS()))
    .find((found) => found !== undefined)
}

/**
 * What the folder keeps if an option is left out: forgetting it once would make a password other than the one in use,
 * or lead to another database or another disk.
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
 * Takes over a folder that was made for another cluster or target: its password is put aside, and that of
 * this cluster comes back. Nothing is lost: a password may be the only copy there is.
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
