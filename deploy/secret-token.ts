// The token of the cluster's Secret, for those that ask the service and for no screen.
import { tokenSecret } from '../manifests/names.ts'
import { text } from './json.ts'
import { get, kubectlOf } from './kubectl.ts'
import { commandsFor } from './remedy.ts'
import { giveUp } from './report.ts'

/** Reads it. If there is none the program ends and says how to make one. */
export async function apiToken(profile: string): Promise<string> {
  const found = await get(kubectlOf(profile), 'secret', tokenSecret)
  const token = Buffer.from(text(found, 'data', 'token'), 'base64')
    .toString()
    .trim()
  if (token === '') {
    giveUp({
      outcome: 'container',
      what: `the service asks for a token, and the Secret ${tokenSecret} has none`,
      remedy: commandsFor(profile).kubectl(
        `create secret generic ${tokenSecret} --from-literal=token="$(openssl rand -hex 32)"`,
      ),
    })
  }
  return token
}
