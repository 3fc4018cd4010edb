// The documents outlive the pod, the cluster's stop, and the StatefulSet.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubectl, minikube } from './cluster.ts'
import { out, ready, request, store } from './manifests-system.ts'

const database = 'statefulset/mongodb'

export function dataIsKept(): void {
  let path = ''
  const kept = async () => {
    const document = JSON.parse(await request(path, 200))
    assert.equal(document.kept, 'all of it')
  }

  test('a document is stored', async () => {
    path = await store({ kept: 'all of it' })
    await kept()
  })

  test("data is kept when the database's pod is deleted", async () => {
    await kubectl('delete', 'pod', 'mongodb-0', '-n', 'mongo')
    await ready(database)
    await kept()
  })

  test('data is kept when the cluster is stopped and started', async () => {
    await minikube('stop')
    await minikube('start', '--driver=docker')
    await ready(database)
    await kept()
  })

  test('data is kept when the StatefulSet is deleted and applied again', async () => {
    await kubectl('delete', database, '-n', 'mongo', '--cascade=foreground')
    await kubectl('apply', '-n', 'mongo', '-f', join(out, 'mongo-stateful.yaml'))
    await ready(database)
    await kept()
  })
}
