// Clients that behave, and how they fare while others do not.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepAlive } from './keep-alive.ts'

export interface Fared {
  readonly answered: number
  /** Answers 503 with Retry-After. */
  readonly refused: number
  /** Connections that were closed or reset without an answer. */
  readonly cut: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

const clients = 8
const pause = 20
// How often a client reconnects: new connections must get in as well.
const requestsOfConnection = 10

/** Reads and writes for N seconds. Throws if a good client gets an answer that it must not get. */
export async function goodClients(port: number, seconds: number): Promise<Fared> {
  const until = Date.now() + seconds * 1000
  const times: number[] = []
  let [refused, cut] = [0, 0]
  const one = async () => {
    while (Date.now() < until) {
      try {
        const api = await keepAlive(port)
        for (let n = 0; n < requestsOfConnection; n++) {
          const startedAt = performance.now()
          const body = n % 2 === 0 ? `{"n":${n}}` : ''
          const path = body ? '/data' : '/data?limit=1'
          const { status, head } = await api.send(body ? 'POST' : 'HEAD', path, body)
          times.push(performance.now() - startedAt)
          if (status === 503) {
            assert.match(head, /\r\nretry-after: \d/i)
            refused++
          } else assert.ok(status === 200 || status === 201, head)
          await sleep(pause)
        }
        api.close()
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        cut++
        await sleep(pause)
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, one))
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? Number.NaN)
  return { answered: times.length - refused, refused, cut, p50: at(0.5), p99: at(0.99) }
}

export interface ReadersFared {
  /** Lists that came whole. */
  readonly whole: number
  /** Answers 503 with Retry-After. */
  readonly refused: number
  /** Lists that were cut, and connections that got no answer. */
  readonly cut: number
}

/** Two clients read a page of the list again and again. Throws at an answer that they must not get. */
export async function goodReaders(port: number, seconds: number): Promise<ReadersFared> {
  const until = Date.now() + seconds * 1000
  let [whole, refused, cut] = [0, 0, 0]
  const one = async () => {
    while (Date.now() < until) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/data?limit=200`)
        const text = await response.text()
        if (response.status === 503) {
          assert.match(response.headers.get('retry-after') ?? '', /^\d/)
          refused++
        } else {
          assert.equal(response.status, 200, text)
          assert.ok(Array.isArray(JSON.parse(text)))
          whole++
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        cut++
      }
      await sleep(pause)
    }
  }
  await Promise.all([one(), one()])
  return { whole, refused, cut }
}
