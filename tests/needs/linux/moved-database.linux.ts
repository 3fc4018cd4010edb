// The database's name gets another address, as that of a rescheduled pod does: no restart is needed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type BadNetwork, startBadNetwork } from './bad-network.ts'
import { buildService } from './built-service.ts'

const hosts = join(temporaryFolder(), 'hosts')
const name = 'database.test'
const within = 60_000

// A mount namespace of its own: the service has its own /etc/hosts, and nobody else sees it.
function unshared(command: readonly string[]): string[] {
  const mounted = `mount --bind ${hosts} /etc/hosts && exec "$@"`
  return ['unshare', '--mount', 'sh', '-c', mounted, 'sh', ...command]
}

function noNamespace(): string | false {
  if (spawnSync('unshare', ['--mount', 'true']).status === 0) return noMongod() ?? false
  return 'only root on Linux may give a process an /etc/hosts of its own'
}

const pointTo = (address: string) =>
  writeFileSync(hosts, `${address} ${name}\n127.0.0.1 localhost\n`)

async function untilWritten(base: string, id: string): Promise<number> {
  const startedAt = performance.now()
  for (let n = 0; ; n++) {
    const headers = { 'content-type': 'application/json' }
    const body = `{"_id":"${id}-${n}"}`
    const { status } = await fetch(`${base}/data`, { method: 'POST', headers, body })
    const ms = Math.round(performance.now() - startedAt)
    if (status === 201) return ms
    assert.equal(status, 503)
    assert.ok(ms < within, 'it does not find the new address')
    await sleep(50)
  }
}

describe('a database whose name gets another address', { skip: noNamespace() }, () => {
  let mongod: Mongod
  let service: ServiceProcess
  let [first, second]: (BadNetwork | undefined)[] = []
  before(async () => {
    mongod = await startMongod()
    const target = Number(mongod.address.split(':')[1])
    const port = await freePort()
    first = await startBadNetwork(target, '127.0.0.2', port)
    second = await startBadNetwork(target, '127.0.0.3', port)
    pointTo('127.0.0.2')
    const { name: USER_NAME, password: USER_PWD } = testUser
    const settings = { DB_URL: `${name}:${port}`, USER_NAME, USER_PWD }
    service = await startProcess(settings, unshared(buildService()))
    await untilWritten(service.base, 'first')
  })
  after(async () => {
    service.signal('SIGKILL')
    await service.exited
    first?.close()
    second?.close()
    await mongod.remove()
  })

  it('is found there if the old address refuses', async (t) => {
    pointTo('127.0.0.3')
    await first?.be('refuse')
    t.diagnostic(`written again ${await untilWritten(service.base, 'refused')} ms after it`)
  })

  it('is found there if the old address no longer answers', async (t) => {
    await first?.be('good')
    pointTo('127.0.0.2')
    await second?.be('blackHole')
    t.diagnostic(`written again ${await untilWritten(service.base, 'silent')} ms after it`)
    assert.equal(service.child.exitCode, null)
  })
})
