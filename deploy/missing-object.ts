// What to do about a Secret or ConfigMap that a pod needs and does not find.
import { tokenSecret } from '../manifests/names.ts'
import type { Commands } from './remedy.ts'

/** The remedy if the kubelet's words name such an object, else undefined. */
export function missingRemedy(words: string, { kubectl, deploy }: Commands): string | undefined {
  const [, name] = /\b(?:secret|configmap) "([^"]+)" not found/i.exec(words) ?? []
  if (name === tokenSecret) {
    // Nobody but its user makes this one: the scripts would not know which token the clients have.
    return kubectl(
      `create secret generic ${tokenSecret} --from-literal=token="$(openssl rand -hex 32)"`,
    )
  }
  return /secret|configmap/i.test(words)
    ? `the settings or the secret are not those of build/: ${deploy('up')} applies them again`
    : undefined
}
