// keep-secret.ts: writes the cluster's password back to build/, where a fresh checkout has none.
//
// The database reads its password only while its volume is empty. A new one would lock out everybody.
import { execPath, exit } from 'node:process'
import { secret } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { kubectlOf } from './kubectl.ts'
import { giveUp, say } from './report.ts'
import { ask } from './tool.ts'

const { profile } = readArguments()
const kubectl = kubectlOf(profile)
const found = await kubectl(['get', 'secret', secret, '--ignore-not-found', '-o', 'json'])
if (found.code !== 0) {
  giveUp({
    outcome: 'manifests',
    what: `whether the cluster has the secret ${secret} cannot be asked`,
    words: found.err,
    remedy: `kubectl get secret ${secret} -n mongo --context ${profile}`,
  })
}
if (found.out.trim() === '') {
  say('the cluster has no password yet: a new one will be made')
  exit(0)
}
const adopt = ['--import', 'tsx', 'manifests.ts', '--adopt-secret', '-']
const written = await ask(execPath, adopt, { input: found.out })
if (written.code !== 0) {
  giveUp({
    outcome: 'manifests',
    what: `the cluster's secret ${secret} cannot be written back to build/`,
    words: written.err,
    remedy: `kubectl delete secret ${secret} -n mongo --context ${profile} (the documents need its password)`,
  })
}
say("build/ has the cluster's password again")
