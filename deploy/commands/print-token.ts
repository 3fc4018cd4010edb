// print-token.ts: prints the token of the cluster's Secret, for a variable of the scripts and never for a screen.
import { stdout } from 'node:process'
import { tokenSecret } from '../../manifests/names.ts'
import { getObjects, kubectlOf, textAt } from '../cluster/kubectl.ts'
import { commandsFor, giveUp, makeToken } from '../cluster/report.ts'
import { readArguments } from './command-line.ts'

/** Reads the token. If there is none the program ends and says how to make one. */
export async function apiToken(profile: string): Promise<string> {
  const found = await getObjects(kubectlOf(profile), 'secret', tokenSecret)
  const token = Buffer.from(textAt(found, 'data', 'token'), 'base64')
    .toString()
    .trim()
  if (token === '') {
    giveUp({
      outcome: 'container',
      what: `the service asks for a token, and the Secret ${tokenSecret} has none`,
      remedy: makeToken(commandsFor(profile)),
    })
  }
  return token
}

if (import.meta.main) stdout.write(await apiToken(readArguments().profile))
