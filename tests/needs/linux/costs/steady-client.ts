// A process of its own that behaves: GET / and a POST of 100 bytes, each every 100 ms, at each port it is
// given. `steady-client.ts PORT...` goes on until its standard input ends, then prints how it fared, as JSON.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KeepAlive, keepAlive } from '../keep-alive.ts'

export interface Fared {
  /** Answers 2xx. */
  readonly answered: number
  /** Answers 503 with Retry-After. */
  readonly refused: number
  /** What a good client must not get, the first of each sort, with how often it came. */
  readonly failures: Readonly<Record<string, number>>
  /** Milliseconds of all that were asked, the refused ones too. */
  readonly p50: number
  readonly p99: number
}

export interface FaredAtPort {
  readonly reads: Fared
  readonly writes: Fared
}

const every = 100
// Milliseconds for an answer. None by then is a failure.
const patience = 15_000
const body = JSON.stringify({ text: 'x'.repeat(100 - '{"text":""}'.length) })

interface Asked {
  stop(): Promise<Fared>
}

/** Asks on time whether or not the last answer has come: a service that stands still is seen as long as it does. */
function askSteadily(port: number, method: 'GET' | 'POST', path: string): Asked {
  const times: number[] = []
  const failures: Record<string, number> = {}
  const idle: KeepAlive[] = []
  const underWay = new Set<Promise<void>>()
  let [answered, refused] = [0, 0]
  const fail = (what: string) => {
    failures[what] = (failures[what] ?? 0) + 1
  }

  const ask = async () => {
    const startedAt = performance.now()
    const open = idle.pop()
    const api = open && !open.ended ? open : await keepAlive(port)
    const timer = setTimeout(api.close, patience)
    const { status, head } = await api
      .send(method, path, method === 'POST' ? body : '')
      .finally(() => clearTimeout(timer))
    times.push(performance.now() - startedAt)
    if (status === 503 && /\r\nretry-after: \d/i.test(head)) refused++
    else if (status >= 200 && status < 300) answered++
    else fail(`${method} ${status}`)
    if (/\r\nconnection: close/i.test(head)) api.close()
    else idle.push(api)
  }

  const timer = setInterval(() => {
    const asked: Promise<void> = ask()
      .catch((error: unknown) => fail(`${method} ${String(error)}`))
      .finally(() => underWay.delete(asked))
    underWay.add(asked)
  }, every)

  return {
    async stop() {
      clearInterval(timer)
      await Promise.race([Promise.all(underWay), sleep(patience)])
      for (const _ of underWay) fail(`${method}: no answer in ${patience / 1000} s`)
      for (const api of idle) api.close()
      times.sort((a, b) => a - b)
      const at = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? patience)
      return { answered, refused, failures, p50: at(0.5), p99: at(0.99) }
    },
  }
}

async function run(ports: readonly number[]): Promise<void> {
  const asked = ports.map((port) => ({
    reads: askSteadily(port, 'GET', '/'),
    writes: askSteadily(port, 'POST', '/data'),
  }))
  process.stdin.resume()
  await once(process.stdin, 'end')
  const fared = asked.map(async ({ reads, writes }): Promise<FaredAtPort> => {
    const [read, written] = await Promise.all([reads.stop(), writes.stop()])
    return { reads: read, writes: written }
  })
  process.stdout.write(JSON.stringify(await Promise.all(fared)), () => process.exit())
}

if (import.meta.main) await run(process.argv.slice(2).map(Number))
