// remove-images.ts IMAGE: removes the images of earlier versions that no pod runs and no revision of the
// history has: from the node, from docker, and from minikube's cache. What cannot be removed is not a failure.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { find, kubectlOf } from '../cluster/kubectl.ts'
import { readArguments } from '../command-line.ts'
import { imageName } from '../image/image-tag.ts'
import { list, number, parse, text } from '../json.ts'
import { minikubePaths } from '../platform.ts'
import { say } from '../report.ts'
import { ask } from '../tool.ts'

// Tags that the scripts made, and no others: somebody may have named an image himself.
const own = new RegExp(`^(?:docker\\.io/)?(?:library/)?(${imageName}:[0-9a-f]{12})$`)
const ownImage = (name: unknown): string | undefined =>
  typeof name === 'string' ? own.exec(name)?.[1] : undefined

const { profile, words } = readArguments()
const [image = ''] = words

/** What pods run, and what a rollback would bring: the ReplicaSets are the history, of five revisions. */
async function usedImages(): Promise<ReadonlySet<string> | undefined> {
  const found = await find(kubectlOf(profile), 'pods,replicasets')
  if ('failure' in found) return undefined
  const used = list(found.object, 'items').flatMap((item) =>
    [
      ...list(item, 'spec', 'containers'),
      ...list(item, 'spec', 'template', 'spec', 'containers'),
    ].map((container) => ownImage(text(container, 'image')) ?? ''),
  )
  return new Set([image, ...used])
}

async function removeFromNode(isOld: (image: string) => boolean): Promise<number> {
  const answer = await ask('minikube', ['image', 'ls', '-p', profile, '--format', 'json'])
  let bytes = 0
  for (const entry of list(parse(answer.out))) {
    const tags = list(entry, 'repoTags')
    const old = tags.filter((tag) => isOld(ownImage(tag) ?? ''))
    for (const tag of old) await ask('minikube', ['image', 'rm', '-p', profile, String(tag)])
    // Two tags may be one image.
    if (old.length === tags.length)
      bytes += Number(text(entry, 'size') || number(entry, 'size') || 0)
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

const used = await usedImages()
// Without the list nobody knows what is used.
if (used) {
  const removed = new Set<string>()
  const isOld = (name: string): boolean => {
    const isUnused = name.startsWith(`${imageName}:`) && !used.has(name)
    if (isUnused) removed.add(name)
    return isUnused
  }
  const ofNode = await removeFromNode(isOld)
  await removeFromDocker(isOld)
  const ofCache = removeFromCache(isOld)
  if (removed.size > 0) {
    say(
      `removed ${removed.size} images of earlier versions: ${inMB(ofNode)} in the node, ${inMB(ofCache)} in minikube's cache`,
    )
  }
}
