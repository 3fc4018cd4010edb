// A handler that begins to read an upload when much of it is there already.
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bodyChunks } from '../../src/http/body.ts'
import { createBodyBudget } from '../../src/http/body-budget.ts'
import { type Exchange, send } from '../../src/http/exchange.ts'
import { ClientGone } from '../../src/http/receive-body.ts'
import type { Route } from '../../src/http/route.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openSocket } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const budget = createBodyBudget(1 << 20)

async function countLate(exchange: Exchange): Promise<void> {
  await sleep(50)
  const account = budget.open()
  let bytes = 0
  for await (const chunk of bodyChunks(exchange, account, async () => () => {}))
    bytes += chunk.length
  account.close()
  send(exchange, 200, String(bytes))
}

const late: Route = {
  method: 'POST',
  path: '/late',
  produces: ['text/plain'],
  handle: countLate,
  operation: {
    operationId: 'countLate',
    summary: 'Counts the bytes, later',
    requestBody: { required: true, content: {} },
    responses: {},
  },
}

/** Waits for its turn until a test gives it. */
let giveTurn = () => {}
let waits = () => {}
let outcome: Promise<number> | undefined
const waiting: Route = {
  ...late,
  path: '/waiting',
  async handle(exchange) {
    const account = budget.open()
    const takeTurn = () =>
      new Promise<() => void>((resolve) => {
        giveTurn = () => resolve(() => {})
        waits()
      })
    const read = async () => {
      let bytes = 0
      for await (const chunk of bodyChunks(exchange, account, takeTurn)) bytes += chunk.length
      return bytes
    }
    outcome = read().finally(account.close)
    send(exchange, 200, String(await outcome))
  },
}

let service: RunningService
before(async () => {
  const store = openSqliteStore(join(temporaryFolder(), 'late.db'))
  service = await runService(store, { routes: [late, waiting] })
})
after(() => service.close())

it('reads all of it, even if more than a block comes before the handler asks', async () => {
  for (const bytes of [1, 60_000, 2_000_000]) {
    const body = new Uint8Array(bytes)
    const response = await fetch(`http://127.0.0.1:${service.port}/late`, { method: 'POST', body })
    assert.equal(await response.text(), String(bytes))
  }
  assert.equal(budget.held, 0)
})

/** Sends the beginning of a megabyte. Resolves when the service waits for its turn to read it. */
async function beginUpload(bytes: number) {
  const socket = await openSocket(service.port)
  const isWaiting = nextWait()
  socket.write('POST /waiting HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n')
  socket.write('x'.repeat(bytes))
  await isWaiting
  return socket
}

const nextWait = () =>
  new Promise<void>((resolve) => {
    waits = resolve
  })

const leavings: Readonly<Record<string, (socket: Socket) => void>> = {
  'reset its connection': (socket) => socket.resetAndDestroy(),
  'closed its connection': (socket) => socket.destroy(),
}

for (const [left, leave] of Object.entries(leavings)) {
  it(`sees at its first turn that the client has ${left}, and hands over nothing`, {
    timeout: 10_000,
  }, async () => {
    const socket = await beginUpload(160_000)
    leave(socket)
    await sleep(50)
    giveTurn()
    await assert.rejects(async () => outcome, ClientGone)
    assert.equal(budget.held, 0)
  })
}

it('sees a reset at a later turn, before all that has come is read', {
  timeout: 10_000,
}, async () => {
  const socket = await beginUpload(900_000)
  const second = nextWait()
  giveTurn()
  await second
  const third = nextWait().then(() => assert.fail('it handed over a chunk'))
  socket.resetAndDestroy()
  await sleep(50)
  giveTurn()
  await assert.rejects(async () => Promise.race([outcome, third]), ClientGone)
  assert.equal(budget.held, 0)
})
