// note-rollback.ts: notes on the Deployment which image was rolled back, so that `up` does not bring it back
// silently. It runs afterwards, since `rollout undo` puts back the annotations of the old version too.
import { application } from '../../manifests/names.ts'
import { getObjects, type Kubectl, kubectlOf, listAt, textAt } from '../cluster/kubectl.ts'
import { commandsFor, giveUp, say } from '../cluster/report.ts'
import { readArguments } from './command-line.ts'

// The annotation. kubectl apply leaves it alone, since no file of build/ has it.
const rolledBack = 'data-service/rolled-back'

/** The image that was rolled back, if one was. */
const rolledBackImage = (deployment: unknown): string =>
  textAt(deployment, 'metadata', 'annotations', rolledBack)

/**
 * Ends the program if `image` is the one that was rolled back, unless it is wanted again. For another image
 * the note is removed.
 */
export async function checkRollback(
  kubectl: Kubectl,
  deployment: unknown,
  image: string,
  wanted: boolean,
): Promise<void> {
  const noted = rolledBackImage(deployment)
  if (noted === '') return
  if (noted === image && !wanted) {
    giveUp({
      outcome: 'declined',
      what: `${image} was rolled back in the cluster "${kubectl.profile}": nothing is changed`,
      remedy: `change what was wrong with it, or bring it again as it is: ${commandsFor(kubectl.profile).deploy('up --yes')}`,
    })
  }
  say(`${noted} was rolled back; this brings ${image}`)
  await kubectl(['annotate', 'deployment', application.deployment, `${rolledBack}-`])
}

async function main(): Promise<void> {
  const { profile } = readArguments()
  const kubectl = kubectlOf(profile)
  const { deploy } = commandsFor(profile)
  const sets = listAt(await getObjects(kubectl, 'replicasets'), 'items').filter(
    (item) => textAt(item, 'metadata', 'ownerReferences', 0, 'name') === application.deployment,
  )
  const revision = (set: unknown) =>
    Number(textAt(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'))
  const [, left] = sets.sort((one, other) => revision(other) - revision(one))
  const image = textAt(left, 'spec', 'template', 'spec', 'containers', 0, 'image')
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
}

if (import.meta.main) await main()
