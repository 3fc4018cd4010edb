// A request whose body goes straight to its receiver, without the queue of a stream in between.
import { createFairTurns } from '../fair-turns.ts'
import { Gathered } from './gather-bytes.ts'

// A read of 64 KiB has up to 10,900 chunks of one byte, which take 10 ms. Bodies take turns, wanted or not: what came
// after a 413 kept all others waiting for two seconds in such chunks, and for three in large ones.
// What all bodies together may bring in a turn of the event loop, in bytes, and what each chunk costs besides; then
// each waits after its chunk. Node reads up to 2 MiB of each socket in a turn: 100 bodies of 1 MiB made turns of 60 ms,
// and of 30 if each was bounded alone.
const bytesPerTurn = 256 * 1024
// What a chunk costs beside its bytes.
const chunkWork = 256

let broughtInTurn = 0
const beginTurn = () => {
  broughtInTurn = 0
}

// Of a read in small chunks, ten turns' work: nothing is read until that many have passed, and then, for a second, one body
// at a time. With four such reads in each turn eight bodies kept others waiting for 0.5 s.
let owed = 0
let heavyUntil = 0
// Turns without a read at most: what comes with new connections must not stop those under way.
const mostSkipped = 12
let skipped = 0

const payTurn = () => {
  owed = Math.max(owed - bytesPerTurn, 0)
  if (owed > 0) setImmediate(payTurn)
}

const owe = (work: number) => {
  if (owed === 0) setImmediate(payTurn)
  owed = Math.min(owed + work, mostSkipped * bytesPerTurn)
  if (owed > bytesPerTurn) heavyUntil = performance.now() + 1_000
}

/** Counts a chunk that has come in this turn. True if that is enough. */
export function spendTurn(bytes: number): boolean {
  if (broughtInTurn === 0) setImmediate(beginTurn)
  broughtInTurn += bytes + chunkWork
  owe(chunkWork)
  return broughtInTurn >= bytesPerTurn
}

const readsPerTurn = () => {
  if (owed >= bytesPerTurn && skipped < mostSkipped) {
    skipped++
    return 0
  }
  skipped = 0
  // Node reads 64 KiB at once.
  return performance.now() < heavyUntil ? 1 : bytesPerTurn / (64 * 1024)
}

/** Resolves when a body that waits may be read again. */
export const nextRead = createFairTurns(readsPerTurn)

/** What can wait. */
export interface Pausable {
  pause(): void
  resume(): void
}

// Not by `import`, which would load undici (see server.ts).
const { IncomingMessage } = process.getBuiltinModule('node:http')

/**
 * What Node's server makes of each request, by its option `IncomingMessage`. Node hands each chunk of a body to
 * `push`. A stream would queue them while nobody reads: 64 KiB in chunks of one byte are 65,000 Buffers, 12 MB.
 */
export class IncomingRequest extends IncomingMessage {
  /** Who reads the body, if that must know when nothing is read. */
  reading: Pausable | undefined
  #receive: ((chunk: Buffer) => boolean) | undefined
  // What came before there was a receiver. One read of the socket at most, since `push` stops reading.
  #early: Gathered | undefined
  #onFault: ((fault: Error) => void) | undefined
  #isBroken = false

  /**
   * Hands over what has come, and each chunk that comes. False: stop reading, until `socket.resume()`. `onFault` is
   * told if the body is framed wrongly, and nothing more of it can come.
   */
  receive(take: (chunk: Buffer) => boolean, onFault?: (fault: Error) => void): void {
    this.#receive = take
    this.#onFault = onFault
    const early = this.#early?.takeParts() ?? []
    this.#early = undefined
    // Whoever receives: what `take` refuses is discarded, and so is what follows.
    for (const chunk of early) if (chunk.length > 0) this.#receive(chunk)
    this.resume() // 'end' comes only from a stream that flows
  }

  /** Reads on and discards what comes. */
  discard(): void {
    let isWaiting = false
    const readOn = () => {
      isWaiting = false
      this.socket.resume()
    }
    this.receive((chunk) => {
      if (spendTurn(chunk.length) && !isWaiting) {
        isWaiting = true
        void nextRead().then(readOn)
      }
      return !isWaiting
    })
  }

  /** Whether more of its body is wanted: that has its own bounds, and must keep the least rate. */
  get isReceiving(): boolean {
    return this.#receive !== undefined && !this.complete
  }

  /** Whether the body is framed wrongly: of such a connection nothing more is read. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Ends the body by a fault of its framing. False if nobody receives it: nobody will answer, then. */
  failBody(fault: Error): boolean {
    const onFault = this.#onFault
    if (!onFault) return false
    this.#isBroken = true
    onFault(fault)
    return true
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (!(chunk instanceof Buffer)) return super.push(chunk, encoding)
    if (this.#receive) return this.#receive(chunk)
    this.#early ??= new Gathered()
    this.#early.add(chunk)
    return false
  }
}
