// The clock jumps by more than a year, forwards and back: nothing times out, nothing changes places.
import assert from 'node:assert/strict'
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { client } from '../../support/client.ts'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildService } from './built-service.ts'

const folder = temporaryFolder()
const command = buildService()
// Debian's package faketime. It fakes the wall clock alone: the monotonic one never jumps.
const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1')
const skip = library === undefined ? 'there is no libfaketime' : false
const day = 86_400_000

function clockSuite(name: string, settings: () => Record<string, string>): void {
  describe(`a clock that jumps, on ${name}`, { skip, timeout: 120_000 }, () => {
    const clock = join(folder, `${name}.clock`)
    let service: ServiceProcess
    const setClock = (offset: string) => writeFileSync(clock, `${offset}\n`)
    before(async () => {
      setClock('+0d')
      const faked = ['env', `LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${clock}`]
      const wallClockOnly = ['FAKETIME_NO_CACHE=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1']
      service = await startProcess(settings(), [...faked, ...wallClockOnly, ...command])
      while ((await client(service.base).get('/readyz')).status !== 200) await sleep(20)
    })

    it('goes on answering, and keeps the order in which documents came', async (t) => {
      const api = client(service.base)
      const post = async (n: number) => {
        assert.equal((await api.post(`{"n":${n}}`)).status, 201)
      }
      const days = async () => {
        const { text } = await api.get('/', { accept: 'text/plain' })
        return Math.round((Date.parse(text.trim()) - Date.now()) / day) || 0 // not -0
      }
      const seen: number[] = []
      let n = 0
      for (const offset of ['+0d', '+400d', '-400d', '+1d', '-3d']) {
        setClock(offset)
        seen.push(await days())
        for (let times = 0; times < 20; times++) await post(n++)
        assert.equal((await api.get('/readyz')).status, 200, offset)
      }
      t.diagnostic(`the service's date was off by ${seen} days`)
      assert.deepEqual(seen, [0, 400, -400, 1, -3], 'the clock did not jump')
      const { text } = await api.get('/data', { accept: 'application/x-ndjson' })
      const lines = text.trimEnd().split('\n')
      const order = lines.map((line): number => JSON.parse(line).n)
      assert.deepEqual(
        order,
        order.map((_, index) => index),
      )
      assert.equal(order.length, n)
    })

    it('stops in an orderly way', async () => {
      service.signal('SIGTERM')
      assert.equal(await service.exited, 0)
    })
  })
}

clockSuite('SQLite', () => ({ DATA_FILE: join(folder, 'clock.db') }))

describe('with a mongod', { skip: skip || (noMongod() ?? false) }, () => {
  let mongod: Mongod
  before(async () => {
    mongod = await startMongod()
  })
  after(() => mongod.remove())
  clockSuite('MongoDB', () => ({
    DB_URL: mongod.address,
    USER_NAME: testUser.name,
    USER_PWD: testUser.password,
  }))
})
