import { after, before, suite } from 'node:test'
import { minikube } from './cluster.ts'
import { documentsHold } from './deploy-documents.ts'
import { makeProject, removeProject } from './deploy-project.ts'
import { comesUp } from './deploy-up.ts'
suite('mini', () => {
  before(async () => { makeProject(); await minikube('delete') })
  after(async () => { await minikube('delete'); removeProject() })
  comesUp()
  documentsHold()
})
