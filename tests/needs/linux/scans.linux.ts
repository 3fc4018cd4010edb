// Queries that must look at everything: flat memory, turns for everybody else, and a page in bounded time.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { nextOf } from '../../suites/query-suite.ts'
import { client } from '../../support/client.ts'
import { noResidentSet, peakWhile } from '../../support/resident-set.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildService } from './built-service.ts'
import { short as isShort } from './form.ts'
import { goodClients } from './good-clients.ts'

const documents = isShort ? 200_000 : 1_000_000
const allowed = 64 * 1024 * 1024
// Milliseconds that good clients may wait beside scans, or twice what they wait alone.
const patience = 100

function* lines(): Generator<Buffer> {
  const text = 'x'.repeat(250)
  for (let from = 0; from < documents; from += 1000) {
    let chunk = ''
    for (let n = from; n < from + 1000; n++) chunk += `{"n":${n},"text":"${text}${n % 10}"}\n`
    yield Buffer.from(chunk)
  }
}

describe('a query that finds nothing', { skip: noResidentSet }, () => {
  const command = buildService()
  let service: ServiceProcess
  before(async () => {
    const settings = { DATA_FILE: join(temporaryFolder(), 'scans.db') }
    service = await startProcess(settings, command)
    const body = ReadableStream.from(lines())
    const headers = { 'content-type': 'application/x-ndjson' }
    const request = { method: 'POST', body, headers, duplex: 'half' } as const
    const response = await fetch(`${service.base}/data`, request)
    assert.equal(response.status, 201, await response.text())
  })
  after(async () => {
    service.signal('SIGTERM')
    await service.exited
  })

  it(`holds little of ${documents} documents, and lets others have their turns`, async (t) => {
    const { get } = client(service.base)
    const alone = await goodClients(service.port, 3)
    const pages = [
      '/data?none:eq=1&limit=100',
      '/data?text:contains=nothing',
      '/data?n:eq=-1&limit=1',
      '/data?none:exists=true&sort=-_id&limit=10',
    ]
    let isOver = false
    let rounds = 0
    const scanning = async (path: string) => {
      while (!isOver) {
        const answer = await get(path)
        assert.equal(answer.status, 200, answer.text)
        assert.equal(answer.text, '[]\n')
        rounds++
      }
    }
    const { before, peak, result } = await peakWhile(service.child.pid ?? 0, async () => {
      const scans = Promise.all(pages.map(scanning))
      const fared = await goodClients(service.port, isShort ? 5 : 10)
      isOver = true
      await scans
      return fared
    })
    const rise = peak - before
    t.diagnostic(
      `${rounds} scans, ${(rise / 2 ** 20).toFixed(1)} MiB more, p99 ${result.p99} ms beside ${alone.p99} ms alone`,
    )
    assert.equal(result.cut + result.refused, 0)
    assert.ok(result.p99 < Math.max(patience, 2 * alone.p99), `p99 ${result.p99} ms`)
    assert.ok(rise < allowed, `it rose by ${rise} bytes`)
  })

  it('comes to its end by short pages', async () => {
    const { get } = client(service.base)
    let pages = 0
    let next: string | undefined = '/data?none:eq=1&limit=100'
    while (next !== undefined) {
      const begun = performance.now()
      const answer = await get(next)
      assert.equal(answer.text, '[]\n')
      assert.ok(performance.now() - begun < 10_000, 'a page takes bounded time')
      next = nextOf(answer)
      pages++
    }
    assert.ok(pages > documents / 400_000, `${pages} pages`)
    const counted = await get('/data?text:contains=x7&limit=1', { prefer: 'count=exact' })
    assert.equal(counted.headers.get('x-total-count'), String(documents / 10))
    const sorted = await get('/data?sort=n&limit=5')
    assert.equal(sorted.member('code'), 'index_needed')
  })
})
