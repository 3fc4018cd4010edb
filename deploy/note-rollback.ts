// note-rollback.ts: notes at the Deployment which image is rolled back, so that `up` does not bring it again
// without a word. Ends with 25 if there is nothing to go back to.
import { application } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { list, text } from './json.ts'
import { get, kubectlOf } from './kubectl.ts'
import { commandsFor } from './remedy.ts'
import { giveUp, say } from './report.ts'
import { rolledBack } from './rolled-back.ts'
import { nameOf } from './workload.ts'

const { profile } = readArguments()
const kubectl = kubectlOf(profile)
const { deploy } = commandsFor(profile)
const items = list(await get(kubectl, 'deployments,replicasets'), 'items')
const deployment = items.find((item) => nameOf(item) === application.deployment)
const image = text(deployment, 'spec', 'template', 'spec', 'containers', 0, 'image')
const older = items.filter(
  (item) => text(item, 'metadata', 'ownerReferences', 0, 'name') === application.deployment,
)
if (older.length < 2) {
  giveUp({
    outcome: 'notDeployed',
    what: `${application.deployment} has no earlier version to go back to`,
    remedy: deploy('status'),
  })
}
const note = `${rolledBack}=${image}`
const words = ['annotate', 'deployment', application.deployment, note, '--overwrite']
const noted = await kubectl(words)
if (noted.code !== 0) {
  giveUp({
    outcome: 'refused',
    what: 'the version that is rolled back cannot be noted: nothing is changed',
    words: noted.err,
    remedy: deploy('status'),
  })
}
say(`${image} is rolled back. The same files again: ${deploy('up --yes')}`)
