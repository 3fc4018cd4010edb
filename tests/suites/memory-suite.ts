// Flat memory, measured from outside: the resident set of the process while 200 MB go in and out.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { client } from '../support/client.ts'
import { openSocket } from '../support/raw-request.ts'
import { noResidentSet, peakWhile } from '../support/resident-set.ts'
import { type ServiceProcess, startProcess } from '../support/service-process.ts'

const total = 200_000_000
const allowed = 64 * 1024 * 1024
const documentBytes = 10_000

/** How far the resident set rose above what it was at the beginning of the work. */
async function rise(service: ServiceProcess, work: () => Promise<void>): Promise<number> {
  const { before, peak } = await peakWhile(service.child.pid ?? 0, work)
  return peak - before
}

function assertFlat(t: TestContext, bytes: number): void {
  t.diagnostic(`the resident set rose by ${(bytes / 1024 / 1024).toFixed(1)} MiB`)
  assert.ok(bytes < allowed, `it rose by ${bytes} bytes`)
}

function* lines(): Generator<Buffer> {
  const text = 'x'.repeat(documentBytes - 30)
  for (let n = 0; n < total / documentBytes; n++) yield Buffer.from(`{"n":${n},"text":"${text}"}\n`)
}

async function postLines(service: ServiceProcess, pause: (sent: number) => Promise<void>) {
  let sent = 0
  const source = lines()
  const body = new ReadableStream({
    async pull(controller) {
      const { value, done } = source.next()
      if (done) return controller.close()
      controller.enqueue(value)
      sent += value.length
      await pause(sent)
    },
  })
  const headers = { 'content-type': 'application/x-ndjson' }
  const request = { method: 'POST', body, headers, duplex: 'half' } as const
  const response = await fetch(`${service.base}/data`, request)
  const text = await response.text()
  assert.equal(response.status, 201, text)
  assert.equal(JSON.parse(text).inserted, total / documentBytes)
}

/** Reads the list; `onBytes` may wait, and false ends the reading. */
async function readAll(service: ServiceProcess, onBytes: (count: number) => Promise<boolean>) {
  const socket = await openSocket(service.port)
  socket.write('GET /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  let count = 0
  for await (const chunk of socket) {
    count += chunk.length
    if (!(await onBytes(count))) break
  }
  socket.destroy()
  return count
}

/** Defines the suite for a store. `settings` are those of the process. */
export function memorySuite(name: string, settings: () => Record<string, string>): void {
  describe(`the memory of the service, on ${name}`, {
    skip: noResidentSet,
    timeout: 600_000,
  }, () => {
    let service: ServiceProcess
    before(async () => {
      service = await startProcess(settings())
      // Warm: code compiled, buffers of the usual size made.
      const api = client(service.base)
      for (let n = 0; n < 300; n++) await api.post(`{"_id":"warm-${n}"}`)
      for (let n = 0; n < 300; n++) await api.get('/data?limit=100')
    })
    after(async () => {
      service.signal('SIGTERM')
      await service.exited
    })

    it('stays flat while 200 MB of NDJSON come in', async (t) => {
      assertFlat(t, await rise(service, () => postLines(service, async () => {})))
    })

    it('stays flat while 200 MB of documents go out', async (t) => {
      const work = async () => {
        const count = await readAll(service, async () => true)
        assert.ok(count > total)
      }
      assertFlat(t, await rise(service, work))
    })

    it('stays flat for a client that reads slowly', async (t) => {
      // Slow at first, so that everything that could pile up does; then to the end.
      const work = async () => {
        const count = await readAll(service, async (soFar) => {
          if (soFar < 2_000_000) await sleep(20)
          return true
        })
        assert.ok(count > total)
      }
      assertFlat(t, await rise(service, work))
    })

    it('stays flat for ten clients that stop reading', async (t) => {
      const stalled = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const socket = await openSocket(service.port)
          socket.on('error', () => {})
          return socket
        }),
      )
      const bytes = await rise(service, async () => {
        for (const socket of stalled) {
          socket.write('GET /data HTTP/1.1\r\nHost: x\r\n\r\n')
          await once(socket, 'readable')
        }
        await sleep(500)
      })
      for (const socket of stalled) socket.destroy()
      assertFlat(t, bytes)
    })

    it('stops reading for a client that has left', async (t) => {
      const api = client(service.base)
      const bytes = await rise(service, async () => {
        const readers = Array.from({ length: 3 }, () =>
          readAll(service, async (count) => count < 300_000),
        )
        await Promise.all(readers)
        // The service has nothing in flight but the request that asks for it.
        for (;;) {
          const { text } = await api.get('/metrics')
          if (/^http_requests_in_flight 1$/m.test(text)) break
          await sleep(50)
        }
      })
      assertFlat(t, bytes)
    })

    it('holds a fast writer back if the store is slower than the network', async (t) => {
      const socket = await openSocket(service.port)
      socket.on('error', () => {})
      const bytes = await rise(service, async () => {
        const head =
          'POST /data HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n'
        socket.write(`${head}Content-Type: application/x-ndjson\r\n\r\n`)
        for (const line of lines()) {
          const text = line.toString()
          if (!socket.write(`${line.length.toString(16)}\r\n${text}\r\n`))
            await once(socket, 'drain')
        }
        socket.write('0\r\n\r\n')
        socket.resume()
        await once(socket, 'close')
      })
      assertFlat(t, bytes)
    })
  })
}
