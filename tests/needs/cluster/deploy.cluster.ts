// deploy.sh on a real cluster, in one order: up, load, rollout, loss of the database, a backup, a token, another database, broken starts, Ctrl+C.
import { after, before, suite } from 'node:test'
import { minikube, missingTools, short } from './cluster.ts'
import { backsUp } from './deploy-backup.ts'
import { breaksWell } from './deploy-broken.ts'
import { toldByHand } from './deploy-by-hand.ts'
import { survivesItsDatabase } from './deploy-database.ts'
import { documentsHold } from './deploy-documents.ts'
import { usesAnotherDatabase } from './deploy-external.ts'
import { canBeInterrupted } from './deploy-interrupt.ts'
import { scales } from './deploy-load.ts'
import { toldOfManifests } from './deploy-manifests.ts'
import { toldOfNamespace } from './deploy-namespace.ts'
import { toldOfPassword } from './deploy-password.ts'
import { makeProject, removeProject } from './deploy-project.ts'
import { toldOfReach } from './deploy-reach.ts'
import { rollsOut } from './deploy-rollout.ts'
import { asksForToken } from './deploy-token.ts'
import { comesUp, comesUpAfterInterruption } from './deploy-up.ts'

suite('deploy.sh on a cluster', { skip: missingTools() }, () => {
  before(async () => {
    makeProject()
    await minikube('delete')
  })
  after(async () => {
    await minikube('delete')
    removeProject()
  })
  if (!short) comesUpAfterInterruption()
  comesUp()
  documentsHold()
  if (!short) scales()
  rollsOut()
  survivesItsDatabase()
  toldByHand()
  toldOfReach()
  toldOfManifests()
  backsUp()
  // The short form leaves out what is slow: the autoscaler's own pace, the token, Ctrl+C, and the faults
  // that say so.
  if (short) return
  toldOfPassword()
  toldOfNamespace()
  asksForToken()
  usesAnotherDatabase()
  breaksWell()
  canBeInterrupted()
})
