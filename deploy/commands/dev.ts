// dev.ts: runs the code of this folder here, on the cluster's database: a saved file counts in a second.
import { spawn } from 'node:child_process'
import process, { env, execPath, exit } from 'node:process'
import { application, database } from '../../manifests/names.ts'
import { get, kubectlOf } from '../cluster/kubectl.ts'
import { say } from '../cluster/report.ts'
import { tokenScopeOf } from '../cluster/workload.ts'
import { readArguments } from './command-line.ts'
import { databaseLogin, forwardDatabase } from './forward-database.ts'
import { apiToken } from './print-token.ts'

const { profile } = readArguments()
const deployment = await get(kubectlOf(profile), 'deployment', application.deployment)
const scope = tokenScopeOf(deployment) ?? 'none'
const token = scope === 'none' ? {} : { API_TOKEN: await apiToken(profile), API_TOKEN_SCOPE: scope }
const { username, password } = await databaseLogin(profile)
const { port, stop } = await forwardDatabase(profile)

say(
  `The code of this folder runs here, on the documents of the cluster "${profile}": what it writes is there.`,
)
say(
  'Other than in the cluster: one process and not two to five, no limits of CPU and memory, no network policy,',
)
say(
  `a file system that can be written, Node ${process.version} of this folder. Ctrl+C ends it, the cluster goes on.`,
)
const flags = ['--watch', '--max-semi-space-size=8', 'src/main.ts']
const service = spawn(execPath, flags, {
  stdio: 'inherit',
  env: {
    ...env,
    ...token,
    DB_URL: `127.0.0.1:${port}/?directConnection=true`,
    DB_NAME: database.documents,
    USER_NAME: username,
    USER_PWD: password,
  },
})
// The service drains first: it has had the same Ctrl+C.
let interrupted = false
process.on('SIGINT', () => {
  interrupted = true
})
service.on('exit', (code) => {
  stop()
  exit(interrupted ? 130 : (code ?? 1))
})
