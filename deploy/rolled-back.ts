// The note of a rollback at the Deployment, and what `up` does about it.
import { application } from '../manifests/names.ts'
import { text } from './json.ts'
import type { Kubectl } from './kubectl.ts'
import { commandsFor } from './remedy.ts'
import { giveUp, say } from './report.ts'

/** The annotation. kubectl apply leaves it, since no file of build/ has it. */
export const rolledBack = 'data-service/rolled-back'

/** The image that was rolled back, if one was. */
const rolledBackImage = (deployment: unknown): string =>
  text(deployment, 'metadata', 'annotations', rolledBack)

/**
 * Ends the program if `image` is the one that was rolled back, unless it is wanted again. Another image makes
 * the note a thing of the past, which is removed.
 */
export async function mindRollback(
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
