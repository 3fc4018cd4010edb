// note-rollback.ts: notes at the Deployment which image a rollback has left, so that `up` does not bring it
// again without a word. After it, since `rollout undo` puts back the annotations of the old version too.
import { application } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { list, text } from './json.ts'
import { get, kubectlOf } from './kubectl.ts'
import { commandsFor } from './remedy.ts'
import { giveUp, say } from './report.ts'
import { rolledBack } from './rolled-back.ts'

const { profile } = readArguments()
const kubectl = kubectlOf(profile)
const { deploy } = commandsFor(profile)
const sets = list(await get(kubectl, 'replicasets'), 'items').filter(
  (item) => text(item, 'metadata', 'ownerReferences', 0, 'name') === application.deployment,
)
const revision = (set: unknown) =>
  Number(text(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'))
const [, left] = sets.sort((one, other) => revision(other) - revision(one))
const image = text(left, 'spec', 'template', 'spec', 'containers', 0, 'image')
const note = `${rolledBack}=${image}`
const words = ['annotate', 'deployment', application.deployment, note, '--overwrite']
const noted = await kubectl(words)
if (noted.code !== 0) {
  giveUp({
    outcome: 'refused',
    what: 'the rollback is done, and cannot be noted: the next up would undo it',
    words: noted.err,
    remedy: deploy('status'),
  })
}
say(`${image} is rolled back. The same files again: ${deploy('up --yes')}`)
