// verify-image.ts IMAGE: ends with 0 where the cluster has the image, else says why it matters.
import { readArguments } from './arguments.ts'
import { askImage } from './cluster-images.ts'
import { commandsFor } from './remedy.ts'
import { giveUp, say } from './report.ts'

const { profile, words } = readArguments()
const [image = ''] = words
const { minikube } = commandsFor(profile)
const found = await askImage(profile, image)

if (found.loaded === 'unknown') {
  giveUp({
    outcome: 'notLoaded',
    what: `minikube does not say whether the cluster "${profile}" has ${image}`,
    words: found.words,
    remedy: `${minikube('image ls')}, and run the same word again once it answers`,
  })
}
if (found.loaded === 'no') {
  giveUp({
    outcome: 'notLoaded',
    what: `minikube loaded the image without an error, but the cluster does not have ${image}`,
    words: `the reason is in: ${minikube('logs')}`,
    remedy: `run the same word again; if it stays so, the node may be out of disk: ${minikube('ssh -- df -h /var')}`,
  })
}
say(`the cluster has ${image}`)
