// manifests.ts on a real cluster, in one order: accepted, applied, kept, walled off, bounded.
import { rmSync } from 'node:fs'
import { after, before, suite } from 'node:test'
import { closeTunnels, minikube, missingTools } from './cluster.ts'
import { dataIsKept } from './manifests-data.ts'
import { memoryIsBounded } from './manifests-memory.ts'
import { networkIsEnforced } from './manifests-network.ts'
import { serverAccepts } from './manifests-server.ts'
import { out, startCluster } from './manifests-system.ts'

suite('manifests on a cluster', { skip: missingTools() }, () => {
  before(startCluster)
  after(async () => {
    closeTunnels()
    await minikube('delete')
    rmSync(out, { recursive: true, force: true })
  })
  serverAccepts()
  dataIsKept()
  // After the stop and start: the cluster's network is then sure to have found its node.
  networkIsEnforced()
  memoryIsBounded()
})
