// A bad network between service and database: every answer comes in bounded time, and all works again
// without a restart.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { type BadNetwork, type Network, startBadNetwork } from './bad-network.ts'
import { buildService } from './built-service.ts'
import { short } from './form.ts'
import { createLedger, documentOf, type Ledger } from './ledger.ts'

const command = buildService()
// An answer that takes longer hangs. The longest deadline of the service is that of a write, 10 s, and
// a connection is waited for before it; the rest is the machine's.
const hang = 30_000
const recovery = 60_000
const faultTime = short ? 1_500 : 20_000

interface Answers {
  readonly counts: Record<string, number>
  slowest: number
}

/** Reads and writes from 8 clients for a while. Throws at an answer that it must not get. */
async function load(base: string, ledger: Ledger, run: string, time: number): Promise<Answers> {
  const found: Answers = { counts: {}, slowest: 0 }
  const until = Date.now() + time
  const one = async (client: number) => {
    for (let n = 0; n === 0 || Date.now() < until; n++) {
      const key = `${run}-${client}-${n}`
      const startedAt = performance.now()
      const response = await (client % 2 === 0 ? post(base, key) : get(base, key))
      const text = await response.text()
      found.slowest = Math.max(found.slowest, performance.now() - startedAt)
      found.counts[response.status] = (found.counts[response.status] ?? 0) + 1
      if (response.status === 201) ledger.acknowledge(key, key)
      if (response.status < 300 || response.status === 404) continue
      assert.equal(response.status, 503, text)
      assert.match(response.headers.get('retry-after') ?? '', /^\d+$/)
      await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, client) => one(client)))
  return found
}

const signal = () => AbortSignal.timeout(hang)
const post = (base: string, key: string) =>
  fetch(`${base}/data`, {
    method: 'POST',
    body: JSON.stringify({ _id: key, ...documentOf(key) }),
    headers: { 'content-type': 'application/json' },
    signal: signal(),
  })
const get = (base: string, key: string) => fetch(`${base}/data/${key}`, { signal: signal() })

async function untilWorking(base: string, key: string, ledger: Ledger): Promise<number> {
  const startedAt = performance.now()
  for (let n = 0; ; n++) {
    const { status } = await post(base, `${key}-${n}`)
    const ms = Math.round(performance.now() - startedAt)
    if (status === 201) {
      ledger.acknowledge(`${key}-${n}`, `${key}-${n}`)
      return ms
    }
    assert.ok(ms < recovery, 'it does not recover')
    await sleep(50)
  }
}

describe('a bad network to the database', { skip: noMongod() ?? false, timeout: 900_000 }, () => {
  let mongod: Mongod
  let proxy: BadNetwork
  let service: ServiceProcess
  const ledger = createLedger()
  before(async () => {
    mongod = await startMongod()
    proxy = await startBadNetwork(Number(mongod.address.split(':')[1]))
    const { name: USER_NAME, password: USER_PWD } = testUser
    service = await startProcess({ DB_URL: proxy.address, USER_NAME, USER_PWD }, command)
    await untilWorking(service.base, 'start', ledger)
  })
  after(async () => {
    service.signal('SIGKILL')
    await service.exited
    proxy.close()
    await mongod.remove()
  })

  for (const network of ['reset', 'refuse', 'delay', 'slow', 'blackHole', 'halfOpen'] as const) {
    it(`is answered in bounded time (${network}), and recovers`, async (t) => {
      await disturb(network)
      const bad = await load(service.base, ledger, network, faultTime)
      assert.equal((await fetch(`${service.base}/livez`, { signal: signal() })).status, 200)
      await disturb('good')
      const ms = await untilWorking(service.base, `${network}-over`, ledger)
      const good = await load(service.base, ledger, `${network}-good`, 500)
      assert.ok((good.counts[201] ?? 0) > 0)
      t.diagnostic(
        `${network}: ${JSON.stringify(bad.counts)}, the slowest ${Math.round(bad.slowest)} ms; ` +
          `written again ${ms} ms after it`,
      )
    })
  }
  const disturb = (network: Network) => proxy.be(network)

  it('has lost nothing that was acknowledged', async (t) => {
    const { documents } = await ledger.check(service.base)
    t.diagnostic(`${ledger.size} acknowledged, ${documents} there`)
    assert.equal(service.child.exitCode, null)
  })
})
