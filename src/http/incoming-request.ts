// A request whose body goes straight to its receiver, without the queue of a stream in between.
import { type Gathered, gatherInto } from './gather-bytes.ts'

// Not by `import`, which would load undici (see server.ts).
const { IncomingMessage } = process.getBuiltinModule('node:http')

/**
 * What Node's server makes of each request, by its option `IncomingMessage`. Node hands each chunk of a
 * body to `push`. A stream would queue chunks as they are while nobody reads: 64 KiB in chunks of one
 * byte are 65,000 Buffers, 12 MB.
 */
export class IncomingRequest extends IncomingMessage {
  #receive: ((chunk: Buffer) => boolean) | undefined
  // What came before there was a receiver. One read of the socket at most, since `push` stops reading.
  #early: Gathered | undefined

  /** Hands over what has come, and each chunk that comes. False: stop reading, until `socket.resume()`. */
  receive(take: (chunk: Buffer) => boolean): void {
    this.#receive = take
    const early = this.#early?.take()
    this.#early = undefined
    if (early) take(early)
    this.resume() // 'end' comes only from a stream that flows
  }

  /** Reads on and lets go of all that comes. */
  discard(): void {
    this.receive(() => true)
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (!(chunk instanceof Buffer)) return super.push(chunk, encoding)
    if (this.#receive) return this.#receive(chunk)
    this.#early ??= gatherInto(undefined, 0)
    this.#early.add(chunk)
    return false
  }
}
