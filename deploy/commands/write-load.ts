// write-load.ts: writes build/load/objects.json, the load test with the image that the cluster runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { application } from '../../manifests/names.ts'
import { get, kubectlOf } from '../cluster/kubectl.ts'
import { tokenScopeOf } from '../cluster/workload.ts'
import { readArguments } from '../command-line.ts'
import { text } from '../json.ts'
import { loadObjects } from '../load/load-objects.ts'
import { say } from '../report.ts'

const { profile, value } = readArguments([], ['minutes', 'clients', 'rate'])
const minutes = Number(value('minutes') ?? 3)
const clients = Number(value('clients') ?? 24)
const rate = Number(value('rate') ?? 0)
const deployment = await get(kubectlOf(profile), 'deployment', application.deployment)
const image = text(deployment, 'spec', 'template', 'spec', 'containers', 0, 'image')
const program = readFileSync(new URL('../load/load-job.mjs', import.meta.url), 'utf8')
const objects = loadObjects({
  ...{ image, program, seconds: Math.round(minutes * 60), clients, rate },
  withToken: tokenScopeOf(deployment) !== 'none',
})
// A folder of its own: `kubectl apply -f build/` must not start a load test.
mkdirSync('build/load', { recursive: true })
writeFileSync('build/load/objects.json', `${JSON.stringify(objects, null, 2)}\n`)
say(`wrote build/load/objects.json: ${clients} clients for at most ${minutes} min, image ${image}`)
