// The application's image: its tag, whether the cluster has it, and the images of earlier versions.
// images.ts verify IMAGE ends with 0 if the cluster has the image, else says why it matters;
// images.ts remove-old IMAGE removes the others.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  ask,
  findObjects,
  kubectlOf,
  listAt,
  numberAt,
  parseJson,
  textAt,
} from '../cluster/kubectl.ts'
import { minikubePaths } from '../cluster/machine.ts'
import { commandsFor, giveUp, say } from '../cluster/report.ts'
import { readArguments } from '../commands/command-line.ts'

const namesOf = (image: string): ReadonlySet<string> =>
  new Set([image, `docker.io/library/${image}`, `docker.io/${image}`])

/** Whether `minikube image ls --format json` names the image. */
export function listsImage(listing: string, image: string): boolean {
  const names = namesOf(image)
  return listAt(parseJson(listing)).some((entry) =>
    listAt(entry, 'repoTags').some((tag) => names.has(String(tag))),
  )
}

/** Whether each node has the image, by its own account. One that was added later may have none. */
export const isOnEachNode = (nodes: readonly unknown[], image: string): boolean =>
  nodes.every((node) => {
    const names = listAt(node, 'status', 'images').flatMap((entry) => listAt(entry, 'names'))
    return names.some((name) => namesOf(image).has(String(name)))
  })

interface ImageState {
  /** unknown: minikube did not say, and `words` is why. */
  loaded: 'yes' | 'no' | 'unknown'
  words: string
}

/** Asks the cluster. `minikube image build` and `image load` end with 0 when they fail. */
export async function askImage(profile: string, image: string): Promise<ImageState> {
  const answer = await ask('minikube', ['image', 'ls', '-p', profile, '--format', 'json'])
  if (answer.code !== 0) return { loaded: 'unknown', words: answer.err || answer.out }
  return { loaded: listsImage(answer.out, image) ? 'yes' : 'no', words: '' }
}

async function verify(profile: string, image: string): Promise<void> {
  const { minikube } = commandsFor(profile)
  const found = await askImage(profile, image)
  if (found.loaded === 'unknown') {
    giveUp({
      outcome: 'notLoaded',
      what: `minikube does not say whether the cluster "${profile}" has ${image}`,
      words: found.words,
      remedy: `${minikube('image ls')}, and run the same command again once it answers`,
    })
  }
  if (found.loaded === 'no') {
    giveUp({
      outcome: 'notLoaded',
      what: `minikube loaded the image without an error, but the cluster does not have ${image}`,
      words: `the reason is in: ${minikube('logs')}`,
      remedy: `run the same command again; if it stays so, the node may be out of disk: ${minikube('ssh -- df -h /var')}`,
    })
  }
  say(`the cluster has ${image}`)
}

// Removed are the images of earlier versions that no pod runs and no revision of the history has: from the node, from
// docker, and from minikube's cache. What cannot be removed is not a failure.

/** The image's name in the cluster. */
export const imageName = 'data-service'

// Only tags that the scripts made: others may have been made by hand.
const own = new RegExp(`^(?:docker\\.io/)?(?:library/)?(${imageName}:[0-9a-f]{12})$`)
const ownImage = (name: unknown): string | undefined =>
  typeof name === 'string' ? own.exec(name)?.[1] : undefined

/** The images that pods run or a rollback would bring back: the ReplicaSets are the history, of five revisions. */
async function usedImages(
  profile: string,
  image: string,
): Promise<ReadonlySet<string> | undefined> {
  const found = await findObjects(kubectlOf(profile), 'pods,replicasets')
  if ('failure' in found) return undefined
  const used = listAt(found.object, 'items').flatMap((item) =>
    [
      ...listAt(item, 'spec', 'containers'),
      ...listAt(item, 'spec', 'template', 'spec', 'containers'),
    ].map((container) => ownImage(textAt(container, 'image')) ?? ''),
  )
  return new Set([image, ...used])
}

async function removeFromNode(profile: string, isOld: (image: string) => boolean): Promise<number> {
  const answer = await ask('minikube', ['image', 'ls', '-p', profile, '--format', 'json'])
  let bytes = 0
  for (const entry of listAt(parseJson(answer.out))) {
    const tags = listAt(entry, 'repoTags')
    const old = tags.filter((tag) => isOld(ownImage(tag) ?? ''))
    for (const tag of old) await ask('minikube', ['image', 'rm', '-p', profile, String(tag)])
    // Two tags may be one image.
    if (old.length === tags.length)
      bytes += Number(textAt(entry, 'size') || numberAt(entry, 'size') || 0)
  }
  return bytes
}

async function removeFromDocker(isOld: (image: string) => boolean): Promise<void> {
  const format = ['--format', '{{.Repository}}:{{.Tag}}']
  const answer = await ask('docker', ['image', 'ls', ...format, imageName])
  const old = answer.out.split('\n').filter((line) => isOld(ownImage(line.trim()) ?? ''))
  if (old.length > 0) await ask('docker', ['image', 'rm', ...old.map((line) => line.trim())])
}

/** minikube keeps a file of each image that it has loaded. Returns their bytes. */
function removeFromCache(isOld: (image: string) => boolean): number {
  let bytes = 0
  for (const folder of minikubePaths('cache/images')) {
    for (const path of filesBelow(folder)) {
      if (!isOld(/([a-z-]+)_([0-9a-f]{12})$/.exec(path)?.slice(1).join(':') ?? '')) continue
      bytes += statSync(path).size
      rmSync(path, { force: true })
    }
  }
  return bytes
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}

const inMB = (bytes: number) => `${Math.round(bytes / 1e6)} MB`

async function removeUnused(profile: string, image: string): Promise<void> {
  const used = await usedImages(profile, image)
  // Without the list nobody knows what is used.
  if (!used) return
  const removed = new Set<string>()
  const isOld = (name: string): boolean => {
    const isUnused = name.startsWith(`${imageName}:`) && !used.has(name)
    if (isUnused) removed.add(name)
    return isUnused
  }
  const ofNode = await removeFromNode(profile, isOld)
  await removeFromDocker(isOld)
  const ofCache = removeFromCache(isOld)
  if (removed.size > 0) {
    say(
      `removed ${removed.size} images of earlier versions: ${inMB(ofNode)} in the node, ${inMB(ofCache)} in minikube's cache`,
    )
  }
}

// The image's tag: a hash of the Dockerfile and of every file that .dockerignore lets in.
//
// A tag that is used again keeps the old image on a node that has it, and a Deployment whose text does
// not change starts nothing new. With a tag made from the content, a change always rolls out, and nothing else does.

const tagLength = 12 // hex digits: the chance that two versions of a project collide is one in 10^14

/** One file of what docker build is given, by its path with `/`. */
interface ContextFile {
  path: string
  link: boolean
}

/** Every file that docker build is given, sorted the same on every platform. */
export function contextFiles(root: string): ContextFile[] {
  const ignoreFile = join(root, '.dockerignore')
  const rules = ignoreRules(existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8') : '')
  return walk(root, '', rules).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function walk(root: string, folder: string, ignored: Ignored): ContextFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return ignored.folder(path) ? [] : walk(root, path, ignored)
    const link = entry.isSymbolicLink()
    return (link || entry.isFile()) && !ignored.file(path) ? [{ path, link }] : []
  })
}

/**
 * The tag for the project in a folder. Bytes count as they are, since that is how they get into the image;
 * .gitattributes makes them the same in every checkout. A link counts by where it points, as docker
 * copies it. Modes do not count: Windows has none, and the same commit would have two tags.
 */
export function imageTag(root: string): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'Dockerfile')))
  for (const { path, link } of contextFiles(root)) {
    const file = join(root, path)
    const content = link ? Buffer.from(readlinkSync(file)) : readFileSync(file)
    // The length keeps two files apart from one that holds both.
    hash.update(`\0${path}\0${link ? 'link ' : ''}${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, tagLength)
}

// Which files a .dockerignore keeps out of an image, by Docker's own rules.

interface Rule {
  pattern: RegExp
  keep: boolean
  /** The beginning of the pattern, up to its first wildcard. */
  begin: string
}

interface Ignored {
  /** Whether a path with `/` is left out. */
  file: (path: string) => boolean
  /** Whether a folder is left out with everything in it, so that no `!` can bring back any of it. */
  folder: (path: string) => boolean
}

/** Parses a .dockerignore. */
export function ignoreRules(source: string): Ignored {
  const rules = source
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(rule)
  const kept = rules.filter(({ keep }) => keep).map(({ begin }) => begin)
  const file = (path: string) => {
    let ignored = false
    // The last line that matches decides; a line that names a folder also names what is in it.
    for (const { pattern, keep } of rules) {
      if (keep === ignored && prefixes(path).some((part) => pattern.test(part))) ignored = !keep
    }
    return ignored
  }
  const mayKeep = (folder: string) =>
    kept.some((begin) => begin.startsWith(folder) || folder.startsWith(begin))
  return { file, folder: (path) => file(path) && !mayKeep(`${path}/`) }
}

function rule(line: string): Rule {
  const keep = line.startsWith('!')
  const body = (keep ? line.slice(1).trim() : line).replace(/^(\.?\/)+/, '').replace(/\/+$/, '')
  const [begin = ''] = body.split(/[*?[\\]/)
  return { keep, pattern: new RegExp(`^${globToRegExp(body)}$`), begin }
}

const prefixes = (path: string): string[] => {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Go's filepath.Match and Docker's `**`, which stands for any number of folders. */
function globToRegExp(glob: string): string {
  return glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|\\.|[.+^${}()|\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[')) return part
    return part.length === 2 ? part : `\\${part}`
  })
}

if (import.meta.main) {
  const { profile, words } = readArguments()
  const [action, image = ''] = words
  await (action === 'remove-old' ? removeUnused : verify)(profile, image)
}
