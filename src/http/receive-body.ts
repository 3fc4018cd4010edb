// Receives a body chunk by chunk: put together, at no less than the least rate, until it is whole.
import { performance } from 'node:perf_hooks'
import { type BodyAccount, isSlow, leastRate, type Progress } from './body-budget.ts'
import type { Exchange } from './exchange.ts'
import { Problem } from './problem.ts'

/** The client closed the connection before its body was whole: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export interface Gathered {
  readonly size: number
  add(chunk: Buffer): void
  /** All of it, which is let go. It counts until more comes. */
  take(): Buffer
}

const nothing: Buffer = Buffer.alloc(0)

/**
 * Gathers chunks in one buffer that doubles: a chunk may have one byte, and each is an object of 180
 * bytes. What counts is what the buffer holds. `expected` is how many bytes the client says it will send,
 * 0 if it does not say.
 */
export function gatherInto(account: BodyAccount | undefined, expected: number): Gathered {
  let buffer: Buffer = nothing
  let size = 0
  let counted = 0
  const count = (bytes: number) => {
    account?.add(bytes - counted)
    counted = bytes
  }
  return {
    get size() {
      return size
    },
    add(chunk) {
      const needed = size + chunk.length
      if (size === 0) {
        count(chunk.length)
        buffer = chunk
      } else {
        if (needed > buffer.length) {
          const doubled = 2 * needed
          count(expected > 0 ? Math.max(needed, Math.min(doubled, expected)) : doubled)
          const grown = Buffer.allocUnsafeSlow(counted)
          buffer.copy(grown, 0, 0, size)
          buffer = grown
        }
        chunk.copy(buffer, size)
      }
      size = needed
    },
    take() {
      const taken = buffer.subarray(0, size)
      buffer = nothing
      size = 0
      return taken
    },
  }
}

export interface Receiver {
  /** What it throws ends the reading as a failure. */
  chunk(bytes: Buffer): void
  end(): void
  fail(error: unknown): void
}

export interface Reading {
  readonly received: number
  /** The time until `resume` does not count: the service itself does not read. */
  pause(): void
  resume(): void
  stop(): void
}

// Milliseconds: a lost packet or two, and a radio that wakes up.
const defaultGrace = 5_000

/**
 * Begins to receive the body. By events and not `for await`: leaving that loop early destroys the socket,
 * and the answer with it. `grace` is in milliseconds. Fails with the problem `request_timeout`, with
 * ClientGone, or with what `receiver.chunk` throws.
 */
export function receive(
  exchange: Exchange,
  account: BodyAccount | undefined,
  grace = defaultGrace,
  receiver: Receiver,
): Reading {
  const { request } = exchange
  let received = 0
  let waited = 0
  let since = performance.now()
  let timer: NodeJS.Timeout
  const progress: Progress = {
    get received() {
      return received
    },
    get waited() {
      return waited + performance.now() - since
    },
  }
  const slow = () => fail(tooSlow())
  const check = () => {
    if (isSlow(progress, grace)) return slow()
    const allowed = grace + (received / leastRate) * 1000
    timer = setTimeout(check, allowed - progress.waited + 10)
  }
  const onData = (bytes: Buffer) => {
    received += bytes.length
    try {
      receiver.chunk(bytes)
    } catch (error) {
      fail(error)
    }
  }
  const onEnd = () => {
    stop()
    receiver.end()
  }
  // 'close' comes after every 'end' too: an error made there for nothing took 3 % of a POST.
  const onClose = () => {
    if (!request.complete) fail(new ClientGone())
  }
  const fail = (error: unknown) => {
    stop()
    receiver.fail(error)
  }
  const stop = () => {
    clearTimeout(timer)
    account?.read()
    request.off('data', onData).off('end', onEnd).off('close', onClose)
  }
  const start = () => {
    since = performance.now()
    account?.reading(progress, slow)
    check()
  }
  // This listener stays, and must keep nothing of this scope: a refused request held 140 kB so.
  request.on('error', ignore)
  request.on('data', onData).once('end', onEnd).once('close', onClose)
  askForBody(exchange)
  start()
  return {
    get received() {
      return received
    },
    pause() {
      waited = progress.waited
      clearTimeout(timer)
      account?.read()
      request.pause()
    },
    resume() {
      start()
      request.resume()
    },
    stop,
  }
}

const ignore = () => {}

function askForBody({ request, response }: Exchange): void {
  // An HTTP/1.0 client does not know what it asked for (RFC 9110, section 10.1.1).
  if (request.headers.expect !== undefined && request.httpVersion !== '1.0') {
    response.writeContinue()
  }
}

const tooSlow = () =>
  new Problem(
    'request_timeout',
    `The body came slower than ${leastRate / 1024} KiB a second; send it again.`,
  )
