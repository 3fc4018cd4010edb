// Receives a body chunk by chunk, joined and at no less than the least rate, until it is complete.
import { performance } from 'node:perf_hooks'
import { type BodyAccount, isSlow, leastRate, type Progress } from './body-budget.ts'
import type { Exchange } from './exchange.ts'
import { type IncomingRequest, nextRead, spendTurn } from './incoming-request.ts'
import { Problem } from './problem.ts'

/** The client closed the connection before its body was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

interface Receiver {
  /** What it throws ends the reading as a failure. */
  chunk(bytes: Buffer): void
  end(): void
  fail(error: unknown): void
}

// Milliseconds: a lost packet or two, and a radio waking up.
const defaultGrace = 5_000

/**
 * Begins to receive the body. `grace` is in milliseconds. Fails with the problem `request_timeout`, with
 * ClientGone, or with what `receiver.chunk` throws.
 */
export function receiveBody(
  exchange: Exchange,
  account: BodyAccount | undefined,
  grace = defaultGrace,
  receiver: Receiver,
): BodyReading {
  const { request, response } = exchange
  const reading = new BodyReading(request, account, grace, receiver)
  // An HTTP/1.0 client does not understand what it asked for (RFC 9110, section 10.1.1).
  if (request.headers.expect !== undefined && request.httpVersion !== '1.0') {
    response.writeContinue()
  }
  reading.begin()
  return reading
}

/** A body under way. A class: there is one for each POST, and closures over one scope held three times the memory. */
export class BodyReading implements Progress {
  /** Bytes of the body so far. */
  received = 0
  readonly #request: IncomingRequest
  readonly #account: BodyAccount | undefined
  readonly #grace: number
  readonly #receiver: Receiver
  #waited = 0
  #since = 0
  #holds = 0
  #stopped = false
  #isWaiting = false
  #timer: NodeJS.Timeout | undefined

  constructor(
    request: IncomingRequest,
    account: BodyAccount | undefined,
    grace: number,
    receiver: Receiver,
  ) {
    this.#request = request
    this.#account = account
    this.#grace = grace
    this.#receiver = receiver
  }

  get waited(): number {
    return this.#waited + performance.now() - this.#since
  }

  begin(): void {
    // The listener stays registered, and one that kept its scope made a refused request hold 140 kB.
    this.#request.on('error', ignore)
    this.#request.on('end', this.#onEnd).on('close', this.#onClose)
    this.#start()
    this.#request.reading = this
    this.#request.receive(this.#onChunk, this.#fail)
    // It may have waited that long for its turn.
    if (this.#request.destroyed) this.#fail(new ClientGone())
  }

  /** The time until `resume` does not count: it is the service that does not read. */
  pause(): void {
    if (this.#holds++ > 0 || this.#stopped) return
    this.#waited = this.waited
    clearTimeout(this.#timer)
    this.#account?.read()
  }

  resume(): void {
    // What comes after a body that was given up is discarded, whoever else has held it.
    if (--this.#holds > 0 && !this.#stopped) return
    if (!this.#stopped) this.#start()
    this.#request.socket.resume()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#account?.read()
    this.#request.reading = undefined
    this.#request.off('end', this.#onEnd).off('close', this.#onClose)
    if (!this.#request.complete) this.#request.discard()
  }

  tooSlow(): void {
    const detail = `The body arrived more slowly than ${leastRate / 1024} KiB per second; send it again.`
    this.#fail(new Problem('request_timeout', detail))
  }

  check(): void {
    if (isSlow(this, this.#grace)) {
      this.tooSlow()
      return
    }
    const allowed = this.#grace + (this.received / leastRate) * 1000
    this.#timer = setTimeout(checkAgain, allowed - this.waited + 10, this)
  }

  /** Watches from now on whether the body keeps the least rate. */
  watch(): void {
    if (this.#stopped || this.#holds > 0) return
    this.#account?.reading(this)
    clearTimeout(this.#timer)
    this.check()
  }

  #start(): void {
    this.#since = performance.now()
    if (begun.push(this) === 1) setImmediate(watchBegun)
  }

  readonly #fail = (error: unknown): void => {
    this.stop()
    this.#receiver.fail(error)
  }

  readonly #onChunk = (bytes: Buffer): boolean => {
    this.received += bytes.length
    try {
      this.#receiver.chunk(bytes)
    } catch (error) {
      this.#fail(error)
      return true
    }
    // Once for all that is left of a read: 10,000 chunks of one byte that waited one by one took 2,500 turns.
    if (spendTurn(bytes.length) && !this.#isWaiting && !this.#hasAll()) {
      this.#isWaiting = true
      this.pause()
      void nextRead().then(this.#readOn)
    }
    return this.#holds === 0
  }

  readonly #readOn = (): void => {
    this.#isWaiting = false
    this.resume()
  }

  // As far as a Content-Length tells: what is complete has nothing to wait for.
  #hasAll(): boolean {
    return (
      this.received >= Number(this.#request.headers['content-length'] ?? Number.POSITIVE_INFINITY)
    )
  }

  readonly #onEnd = (): void => {
    this.stop()
    this.#receiver.end()
  }

  // 'close' follows every 'end' too: making an error there for nothing took 3 % of a POST.
  readonly #onClose = (): void => {
    if (!this.#request.complete) this.#fail(new ClientGone())
  }
}

// Nearly every body is complete in the turn in which it begins. Timer and place in the budget's list took 3 us of
// a POST's 60.
let begun: BodyReading[] = []
function watchBegun(): void {
  const readings = begun
  begun = []
  for (const reading of readings) reading.watch()
}

const checkAgain = (reading: BodyReading) => reading.check()
const ignore = () => {}
