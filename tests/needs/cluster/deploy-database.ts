// The database goes away under load and comes back: an honest 503 in between, and nothing lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { textAt } from '../../../deploy/cluster/kubectl.ts'
import { eventually, kubectl } from './cluster.ts'
import { startWriter } from './deploy-traffic.ts'
import { urlOf } from './deploy-up.ts'

const recovery = 15

/** The pod's uid and whether it is ready. */
async function databasePod(): Promise<string[]> {
  const path = 'jsonpath={.metadata.uid} {.status.conditions[?(@.type=="Ready")].status}'
  return (await kubectl('get', 'pod', 'mongodb-0', '-n', 'mongo', '-o', path)).split(' ')
}

/** Deletes the database's pod and waits until another is ready. */
export async function replaceDatabasePod(): Promise<void> {
  const [old] = await databasePod()
  await kubectl('delete', 'pod', 'mongodb-0', '-n', 'mongo')
  // Not `rollout status`: for a moment it still sees the pod that has gone.
  await eventually(120, async () => {
    const [uid, ready] = await databasePod()
    assert.ok(uid !== old && ready === 'True')
  })
}

/** The ids of all documents. */
export async function storedIds(url: string): Promise<Set<string>> {
  const listed = await fetch(`${url}/data`, { headers: { accept: 'application/x-ndjson' } })
  const received = await listed.text()
  assert.equal(listed.status, 200, received)
  const lines = received.trim().split('\n')
  return new Set(lines.map((line) => textAt(JSON.parse(line), '_id')))
}

export function survivesItsDatabase(): void {
  test('a database pod that is deleted under load costs 503s and no document', async (t) => {
    const url = await urlOf()
    const writer = startWriter(url, 8, 30)
    await sleep(4000)
    const before = writer.answers.length
    assert.ok(writer.answers.every(({ status }) => status === 201))
    await replaceDatabasePod()
    const returned = Date.now()
    await sleep(recovery * 1000)
    const answers = await writer.stop()

    const refused = answers.filter(({ status }) => status !== 201)
    const later = answers.filter(({ at, status }) => at > returned && status === 201)
    const recovered = ((later[0]?.at ?? Number.NaN) - returned) / 1000
    const slowest = Math.max(...answers.map(({ ms }) => ms))
    t.diagnostic(
      `${before} written before, ${refused.length} refused, ${answers.length} in all; written again ` +
        `${recovered.toFixed(1)} s after its return; slowest answer ${slowest} ms`,
    )
    assert.ok(refused.length > 0, 'the database was away')
    for (const { status, retryAfter } of refused) {
      assert.equal(status, 503)
      assert.match(retryAfter ?? '', /^\d+$/)
    }
    assert.ok(recovered <= recovery, `${recovered} s`)
    const last = answers.slice(-8)
    assert.ok(
      last.every(({ status }) => status === 201),
      'every client writes again',
    )

    const ids = await storedIds(url)
    const lost = answers.filter(({ id, status }) => status === 201 && !ids.has(id))
    assert.deepEqual(lost, [])
  })
}
