// Receives a body chunk by chunk, joined and at no less than the least rate, until it is complete.
import { performance } from 'node:perf_hooks'
import { nextPiece } from '../fair-turns.ts'
import { type BodyAccount, isSlow, leastRate, type Progress } from './body-budget.ts'
import type { Exchange } from './exchange.ts'
import { Problem } from './problem.ts'

/** The client closed the connection before its body was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export interface Receiver {
  /** What it throws ends the reading as a failure. */
  chunk(bytes: Buffer): void
  end(): void
  fail(error: unknown): void
}

export interface Reading {
  /** The time until `resume` does not count: it is the service that does not read. */
  pause(): void
  resume(): void
  stop(): void
}

// What a body may bring before others have their turn, in bytes, and what each chunk costs besides. Node
// reads up to 2 MiB of a socket in a turn of the event loop: 100 bodies of 1 MiB at once made turns of 60 ms.
const bytesAtOnce = 256 * 1024
const chunkWork = 256

// Milliseconds: a lost packet or two, and a radio waking up.
const defaultGrace = 5_000

/**
 * Begins to receive the body. `grace` is in milliseconds. Fails with the problem `request_timeout`, with
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
  let since = 0
  let work = 0
  let holds = 0
  let stopped = false
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
  const start = () => {
    since = performance.now()
    account?.reading(progress, slow)
    check()
  }
  const stop = () => {
    stopped = true
    clearTimeout(timer)
    account?.read()
    request.off('end', onEnd).off('close', onClose)
    if (!request.complete) request.discard()
  }
  const fail = (error: unknown) => {
    stop()
    receiver.fail(error)
  }
  const pause = () => {
    if (holds++ > 0 || stopped) return
    waited = progress.waited
    clearTimeout(timer)
    account?.read()
  }
  const resume = () => {
    if (--holds > 0) return
    if (!stopped) start()
    request.socket.resume()
  }
  const giveWay = () => {
    work = 0
    pause()
    void nextPiece().then(resume)
  }
  const onChunk = (bytes: Buffer): boolean => {
    received += bytes.length
    try {
      receiver.chunk(bytes)
    } catch (error) {
      fail(error)
      return true
    }
    work += bytes.length + chunkWork
    if (work >= bytesAtOnce) giveWay()
    return holds === 0
  }
  const onEnd = () => {
    stop()
    receiver.end()
  }
  // 'close' follows every 'end' too: an error made there for nothing took 3 % of a POST.
  const onClose = () => {
    if (!request.complete) fail(new ClientGone())
  }
  // This listener stays, so it must keep nothing of this scope: it made a refused request hold 140 kB.
  request.on('error', ignore)
  request.once('end', onEnd).once('close', onClose)
  askForBody(exchange)
  start()
  request.receive(onChunk, fail)
  return { pause, resume, stop }
}

const ignore = () => {}

function askForBody({ request, response }: Exchange): void {
  // An HTTP/1.0 client does not understand what it asked for (RFC 9110, section 10.1.1).
  if (request.headers.expect !== undefined && request.httpVersion !== '1.0') {
    response.writeContinue()
  }
}

const tooSlow = () =>
  new Problem(
    'request_timeout',
    `The body came slower than ${leastRate / 1024} KiB per second; send it again.`,
  )
