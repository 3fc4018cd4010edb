// verify-image.ts IMAGE: ends with 0 where the cluster has the image, else says why it matters.
import { readArguments } from './arguments.ts'
import { hasImage } from './cluster-images.ts'
import { commandsFor } from './remedy.ts'
import { giveUp, say } from './report.ts'

const { profile, words } = readArguments()
const [image = ''] = words
const { minikube } = commandsFor(profile)

if (!(await hasImage(profile, image))) {
  giveUp({
    outcome: 'notLoaded',
    what: `minikube loaded the image without an error, but the cluster does not have ${image}`,
    words: `the reason is in: ${minikube('logs')}`,
    remedy: `run the same word again; if it stays so, the node may be out of disk: ${minikube('ssh -- df -h /var')}`,
  })
}
say(`the cluster has ${image}`)
