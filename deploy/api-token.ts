// api-token.ts: prints the token of the cluster's Secret, for a variable of the scripts and never for a screen.
import { stdout } from 'node:process'
import { tokenSecret } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { parse, text } from './json.ts'
import { kubectlOf } from './kubectl.ts'
import { commandsFor } from './remedy.ts'
import { giveUp } from './report.ts'

const { profile } = readArguments()
const answer = await kubectlOf(profile)(['get', 'secret', tokenSecret, '-o', 'json'])
const token = Buffer.from(text(parse(answer.out), 'data', 'token'), 'base64')
  .toString()
  .trim()
if (token === '') {
  giveUp({
    outcome: 'container',
    what: `the service asks for a token, and the Secret ${tokenSecret} has none`,
    words: answer.err,
    remedy: commandsFor(profile).kubectl(
      `create secret generic ${tokenSecret} --from-literal=token="$(openssl rand -hex 32)"`,
    ),
  })
}
stdout.write(token)
