// verify-image.ts IMAGE: ends with 0 if the cluster has the image, else says why it matters.
import { readArguments } from '../command-line.ts'
import { list, parse } from '../json.ts'
import { commandsFor } from '../remedy.ts'
import { giveUp, say } from '../report.ts'
import { ask } from '../tool.ts'

const namesOf = (image: string): ReadonlySet<string> =>
  new Set([image, `docker.io/library/${image}`, `docker.io/${image}`])

/** Whether `minikube image ls --format json` names the image. */
export function listsImage(listing: string, image: string): boolean {
  const names = namesOf(image)
  return list(parse(listing)).some((entry) =>
    list(entry, 'repoTags').some((tag) => names.has(String(tag))),
  )
}

/** Whether each node has the image, by its own account. One that was added later may have none. */
export const isOnEachNode = (nodes: readonly unknown[], image: string): boolean =>
  nodes.every((node) => {
    const names = list(node, 'status', 'images').flatMap((entry) => list(entry, 'names'))
    return names.some((name) => namesOf(image).has(String(name)))
  })

export interface ImageState {
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

async function main(): Promise<void> {
  const { profile, words } = readArguments()
  const [image = ''] = words
  const { minikube } = commandsFor(profile)
  const found = await askImage(profile, image)
  if (found.loaded === 'unknown') {
    giveUp({
      outcome: 'notLoaded',
      what: `minikube does not say whether the cluster "${profile}" has ${image}`,
      words: found.words,
      remedy: `${minikube('image ls')}, and run the same word again once it answers`,
    })
  }
  if (found.loaded === 'no') {
    giveUp({
      outcome: 'notLoaded',
      what: `minikube loaded the image without an error, but the cluster does not have ${image}`,
      words: `the reason is in: ${minikube('logs')}`,
      remedy: `run the same word again; if it stays so, the node may be out of disk: ${minikube('ssh -- df -h /var')}`,
    })
  }
  say(`the cluster has ${image}`)
}

if (import.meta.main) await main()
