// Which images the node of the cluster has: the only proof that a load worked.
import { list, parse } from './json.ts'
import { ask } from './tool.ts'

/** Whether `minikube image ls --format json` names the image. */
export function listsImage(listing: string, image: string): boolean {
  const names = new Set([image, `docker.io/library/${image}`, `docker.io/${image}`])
  return list(parse(listing)).some((entry) =>
    list(entry, 'repoTags').some((tag) => typeof tag === 'string' && names.has(tag)),
  )
}

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
