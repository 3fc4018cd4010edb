// The folder: YAML files, the order of their application, and a secret that is never overwritten.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Credentials, newCredentials, readCredentials } from './credentials.ts'
import { kustomizeFolder, secretFile } from './made-with.ts'
import { toYaml } from './yaml.ts'

export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

/** A file for one namespace, so that `kubectl apply -n` accepts it. */
export interface ManifestFile {
  file: string
  namespace: string
  /** What `kubectl rollout status` waits for, before the next file is applied. */
  waitFor?: string
  objects: readonly KubernetesObject[]
}

const orderFile = 'apply-order.txt'

/** A fault of an option's value that only the file system knows. */
export class OptionFault extends Error {}

/** The credentials to use: those of the folder, else of the cluster's secret, else new ones. */
export function keepOrMakeCredentials(out: string, adopted?: Credentials): Credentials {
  const path = join(out, secretFile)
  const kept = existsSync(path) ? readCredentials(readFileSync(path, 'utf8')) : undefined
  if (kept === undefined && existsSync(path)) {
    throw new OptionFault(`--out ${out}: ${path} is not the Secret mongo-secret; remove it`)
  }
  if (adopted === undefined) return kept ?? newCredentials()
  if (kept && (kept.username !== adopted.username || kept.password !== adopted.password)) {
    throw new OptionFault(
      `--adopt-secret: ${path} holds other credentials; remove it to take the cluster's`,
    )
  }
  return adopted
}

/** For a Secret that others make: one in the folder would be applied with the rest, and replace theirs. */
export function expectNoCredentials(out: string): undefined {
  const path = join(out, secretFile)
  if (!existsSync(path)) return
  throw new OptionFault(
    `--secret external: ${path} holds a password; hand it to whoever keeps it, then remove the file`,
  )
}

/** The credentials of the cluster's secret: in a file, or - for standard input. */
export function readAdopted(adopt: string): Credentials {
  let text: string
  try {
    text = readFileSync(adopt === '-' ? 0 : adopt, 'utf8')
  } catch (error) {
    throw new OptionFault(`--adopt-secret ${adopt}: ${reason(error)}`)
  }
  const credentials = readCredentials(text)
  if (credentials === undefined) {
    throw new OptionFault(
      `--adopt-secret ${adopt}: expects the Secret mongo-secret with a username and a password`,
    )
  }
  return credentials
}

/** One line per file: FILE NAMESPACE WAIT, in the order of application. */
const applyOrder = (files: readonly ManifestFile[]): string =>
  files.map(({ file, namespace, waitFor }) => `${file} ${namespace} ${waitFor ?? '-'}\n`).join('')

/** Writes the files and removes what another target left, which `kubectl apply -f` would also take. */
export function writeFiles(out: string, files: readonly ManifestFile[]): void {
  try {
    mkdirSync(out, { recursive: true })
    const order = join(out, orderFile)
    const before = existsSync(order) ? readFileSync(order, 'utf8').split('\n') : []
    for (const line of before) {
      const [stale = ''] = line.split(' ')
      const ours = /^[a-z-]+\.yaml$/.test(stale)
      if (!ours || files.some(({ file }) => file === stale)) continue
      rmSync(join(out, kustomizeFolder, stale), { force: true })
      if (stale !== secretFile) rmSync(join(out, stale), { force: true })
    }
    for (const { file, objects } of files) {
      const path = join(out, file)
      if (file !== secretFile) writeAtomically(path, toYaml(objects))
      else if (!existsSync(path)) writeAtomically(path, toYaml(objects), 0o600)
    }
    writeKustomization(out, files)
    writeAtomically(order, applyOrder(files))
  } catch (error) {
    throw new OptionFault(`--out ${out}: ${reason(error)}`)
  }
}

/**
 * The same files for `kubectl apply -k` and others' tools. Copies: kustomize reads nothing outside of the
 * folder of its kustomization.yaml. As a whole it can be committed, if the Secret is not in it.
 */
function writeKustomization(out: string, files: readonly ManifestFile[]): void {
  const folder = join(out, kustomizeFolder)
  mkdirSync(folder, { recursive: true })
  for (const { file } of files) {
    const text = readFileSync(join(out, file), 'utf8')
    writeAtomically(join(folder, file), text, file === secretFile ? 0o600 : 0o644)
  }
  writeAtomically(join(folder, 'kustomization.yaml'), toYaml([kustomization(files)]))
}

const kustomization = (files: readonly ManifestFile[]) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  // The order of the list. Its own would put the autoscaler before the network policies.
  sortOptions: { order: 'fifo' },
  resources: files.map(({ file }) => file),
})

/**
 * Writes a file that no reader, and no write that is cut short, ever sees half of. On Windows a virus
 * scanner or OneDrive may have the old one open for a moment: then it is tried again, for 1.5 s in all.
 */
export function writeAtomically(
  path: string,
  text: string,
  mode = 0o644,
  rename = renameSync,
): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, text, { mode })
  for (let tries = 1; ; tries++) {
    try {
      rename(temporary, path)
      return
    } catch (error) {
      if (tries === renameTries || !isInUse(error)) {
        rmSync(temporary, { force: true })
        throw error
      }
      // Synchronous, as all of this is.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(200, 20 * 2 ** tries))
    }
  }
}

const renameTries = 10

const isInUse = (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  ['EPERM', 'EBUSY', 'EACCES'].includes(String(error.code))

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))
