// kill -9 while indexes are made and documents change: afterwards each index has what the documents say.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { client } from '../../support/client.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildService } from './built-service.ts'
import { amount } from './form.ts'
import { documentsOf } from './ledger.ts'

const command = buildService()
const count = 30_000
const values = 500

// Changes documents until the service is cut off.
async function change(service: ServiceProcess, isOver: () => boolean): Promise<void> {
  const headers = { 'content-type': 'application/merge-patch+json' }
  const { send } = client(service.base)
  while (!isOver()) {
    const n = Math.floor(Math.random() * values)
    const path = `/data/d${Math.floor(Math.random() * count)}`
    const removes = Math.random() < 0.1
    try {
      if (removes) await send('DELETE', path)
      else await send('PATCH', path, { body: `{"n":${n},"tags":[${n},"x${n % 7}"]}`, headers })
    } catch {
      return
    }
  }
}

// Whether the process ended with an index half made.
function isHalfMade(file: string): boolean {
  const db = new DatabaseSync(file)
  const rows = db.prepare("SELECT through FROM indexes WHERE state = 'building'").all()
  db.close()
  return rows.some(({ through }) => through !== null)
}

describe('a service that is killed while it makes indexes', () => {
  it('has in each of them what its documents say', async (t) => {
    const DATA_FILE = join(temporaryFolder(), 'killed.db')
    const first = await startProcess({ DATA_FILE }, command)
    const lines = Array.from(
      { length: count },
      (_, n) =>
        `{"_id":"d${n}","n":${n % values},"tags":[${n % values}],"some":"${'x'.repeat(100)}"}`,
    )
    const filled = await client(first.base).post(lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    })
    assert.equal(filled.status, 201)
    first.signal('SIGTERM')
    assert.equal(await first.exited, 0)

    const settings = { DATA_FILE, INDEXES: 'n,tags' }
    let half = 0
    for (let round = amount('KILLS_INDEX', 40, 8); round > 0; round--) {
      const service = await startProcess(settings, command)
      let isOver = false
      const changing = [1, 2, 3, 4].map(() => change(service, () => isOver))
      await sleep(Math.random() * 150)
      service.signal('SIGKILL')
      isOver = true
      await Promise.all([service.exited, ...changing])
      if (isHalfMade(DATA_FILE)) half++
    }
    t.diagnostic(`${half} times an index was half made`)
    assert.ok(half > 0, 'none was killed in the middle')

    const last = await startProcess(settings, command)
    const { base } = last
    while (!/n ready[\s\S]*tags ready/.test(await (await fetch(`${base}/readyz?verbose`)).text())) {
      await sleep(50)
    }
    const ids = new Map<string, string[]>()
    for await (const document of documentsOf(base)) {
      const { _id, n, tags } = Object(document)
      for (const key of [`n:eq=${n}`, ...tags.map((tag: unknown) => `tags:eq=${tag}`)]) {
        ids.set(key, [...(ids.get(key) ?? []), _id])
      }
    }
    const found = async (query: string): Promise<string[]> => {
      const answer: unknown = await (await fetch(`${base}/data?${query}&fields=_id`)).json()
      assert.ok(Array.isArray(answer))
      return answer.map(({ _id }) => _id)
    }
    for (const [query, expected] of ids) assert.deepEqual(await found(query), expected, query)
    last.signal('SIGTERM')
    assert.equal(await last.exited, 0)
  })
})
