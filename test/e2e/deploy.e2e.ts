// deploy.sh on a real cluster, in one order: up, load, rollout, loss of the database, a token, another database, broken starts, Ctrl+C.
import { after, before, suite } from 'node:test'
import { minikube, missingTools } from './cluster.ts'
import { breaksWell } from './deploy-broken.ts'
import { survivesItsDatabase } from './deploy-database.ts'
import { documentsHold } from './deploy-documents.ts'
import { usesAnotherDatabase } from './deploy-external.ts'
import { canBeInterrupted } from './deploy-interrupt.ts'
import { scales } from './deploy-load.ts'
import { makeProject, removeProject } from './deploy-project.ts'
import { rollsOut } from './deploy-rollout.ts'
import { asksForToken } from './deploy-token.ts'
import { comesUp, comesUpAfterInterruption } from './deploy-up.ts'

// 7 minutes instead of 13: without the autoscaler's own pace, the token, another database, the broken starts and Ctrl+C.
const short = process.env.E2E_SHORT === '1'

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
  if (short) return
  asksForToken()
  usesAnotherDatabase()
  breaksWell()
  canBeInterrupted()
})
