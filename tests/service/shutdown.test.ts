// Graceful shutdown of the real process: no failed request, the documented order, the exit codes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSocket, readUntil } from '../support/raw-request.ts'
import { type ServiceProcess, startProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
const start = (settings: Record<string, string> = {}) =>
  startProcess({ DATA_FILE: join(folder, `${files++}.db`), ...settings })

interface Router {
  port: number
}

/** One keep-alive connection at a time; where a new one goes is the router's choice. */
class KeepAliveClient {
  answered = 0
  readonly failures: string[] = []
  #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #port: number
  readonly #router: Router

  constructor(router: Router) {
    this.#router = router
    this.#port = router.port
  }

  async run(until: () => boolean): Promise<void> {
    while (!until()) {
      try {
        const close = await this.#send(this.answered % 2 === 0 ? 'POST' : 'GET')
        if (close) {
          this.#agent.destroy()
          this.#agent = new Agent({ keepAlive: true, maxSockets: 1 })
          this.#port = this.#router.port
        }
        this.answered++
      } catch (error) {
        this.failures.push(String(error))
        this.#port = this.#router.port
      }
      await sleep(5)
    }
    this.#agent.destroy()
  }

  async #send(method: string): Promise<boolean> {
    const path = method === 'POST' ? '/data' : '/data?limit=5'
    const headers = { 'content-type': 'application/json' }
    const target = { host: '127.0.0.1', port: this.#port, path, method, headers }
    const sent = request({ ...target, agent: this.#agent })
    sent.end(method === 'POST' ? '{"n":1}' : undefined)
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
    if (response.statusCode >= 300) throw new Error(`status ${response.statusCode}`)
    return response.headers.connection === 'close'
  }
}

async function status(base: string, path: string): Promise<number> {
  const response = await fetch(base + path, { headers: { connection: 'close' } })
  await response.text()
  return response.status
}

describe('the shutdown', { concurrency: 3 }, () => {
  it('fails none of the requests of 100 keep-alive clients', async () => {
    // As in Kubernetes: new connections go to the old pod for a while after SIGTERM.
    const [old, next] = [await start({ DRAIN_DELAY: '3s' }), await start()]
    const router = { port: old.port }
    const clients = Array.from({ length: 100 }, () => new KeepAliveClient(router))
    let ended = false
    const running = Promise.all(clients.map((client) => client.run(() => ended)))
    await sleep(1000)
    old.signal('SIGTERM')
    while ((await status(old.base, '/readyz')) !== 503) await sleep(5)
    await sleep(500)
    router.port = next.port
    assert.equal(await old.exited, 0)
    await sleep(300)
    ended = true
    await running
    assert.deepEqual(
      clients.flatMap((client) => client.failures),
      [],
    )
    const answered = clients.reduce((sum, client) => sum + client.answered, 0)
    assert.ok(answered > 200, `${answered} requests`)
    next.signal('SIGTERM')
    assert.equal(await next.exited, 0)
  })

  it('is unready at once, alive and serving during the delay, and says Connection: close', async () => {
    const service = await start({ DRAIN_DELAY: '2s' })
    while ((await status(service.base, '/readyz')) !== 200) await sleep(20)
    service.signal('SIGTERM')
    while ((await status(service.base, '/readyz')) !== 503) await sleep(5)
    assert.equal(await status(service.base, '/livez'), 200)
    const socket = await openSocket(service.port)
    socket.write('GET /data HTTP/1.1\r\nHost: x\r\n\r\n')
    const answer = await readUntil(socket, /\[\]\n$/)
    assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.match(answer, /\r\nConnection: close\r\n/)
    assert.equal(await service.exited, 0)
    await assert.rejects(status(service.base, '/livez'))
  })

  it('waits for a request in flight, and for no idle connection', async () => {
    const service = await start({ DRAIN_DEADLINE: '10m' })
    const idle = await openSocket(service.port)
    // Node 26 closes it at once; for Node 24 it is idle only when it has had a request.
    const closed = once(idle, 'close')
    const busy = await openSocket(service.port)
    busy.write(
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a"',
    )
    await sleep(200)
    service.signal('SIGTERM')
    await sleep(200)
    busy.write(':1}')
    const answer = await readUntil(busy, /"_id":"/)
    assert.match(answer, /^HTTP\/1\.1 201 .*Connection: close/s)
    await closed
    assert.equal(await service.exited, 0)
  })

  it('answers what has come and has not been read yet', async () => {
    const service = await start()
    const text = `${JSON.stringify({ text: 'x'.repeat(2_000) })}\n`.repeat(200)
    const headers = { 'content-type': 'application/x-ndjson' }
    await fetch(`${service.base}/data`, { method: 'POST', body: text, headers })
    const sockets = await Promise.all(Array.from({ length: 500 }, () => openSocket(service.port)))
    const openNow = async () => {
      const metrics = await (await fetch(`${service.base}/metrics`)).text()
      return Number(/^http_connections (\d+)$/m.exec(metrics)?.[1])
    }
    while ((await openNow()) <= sockets.length) await sleep(20)
    const answers = sockets.map((socket) => readUntil(socket, /^HTTP\/1\.1 \d+ /))
    for (const socket of sockets) socket.write('HEAD /data?limit=200 HTTP/1.1\r\nHost: x\r\n\r\n')
    await Promise.race(answers)
    service.signal('SIGTERM')
    const results = await Promise.allSettled(answers)
    const lost = results.filter(({ status }) => status === 'rejected').length
    assert.equal(lost, 0, `${lost} of ${sockets.length} were not answered`)
    for (const socket of sockets) socket.destroy()
    assert.equal(await service.exited, 0)
  })

  it('cuts a stuck request at the deadline, and the exit code and the log say so', async () => {
    const service = await start({ DRAIN_DEADLINE: '300ms' })
    const stuck = await openSocket(service.port)
    stuck.on('error', () => {})
    stuck.write(
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a"',
    )
    await sleep(200)
    service.signal('SIGTERM')
    assert.equal(await service.exited, 1)
    assert.match(service.lines.at(-1) ?? '', /"cut":1,"msg":"stopped"/)
  })

  it('ends at once at a second signal', async () => {
    const service: ServiceProcess = await start({ DRAIN_DELAY: '10m' })
    service.signal('SIGTERM')
    while ((await status(service.base, '/readyz')) !== 503) await sleep(5)
    service.signal('SIGINT')
    assert.equal(await service.exited, 1)
  })

  it('stops at SIGINT without a delay outside of Kubernetes', async () => {
    const service = await start()
    service.signal('SIGINT')
    assert.equal(await service.exited, 0)
  })
})
