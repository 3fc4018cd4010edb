// Joins chunks, however small, and counts what they hold.
import type { BodyAccount } from './body-budget.ts'

const nothing: Buffer = Buffer.alloc(0)

/**
 * Gathers chunks in one buffer that doubles: each may have one byte, and is an object of 180 bytes. The first stays as it
 * is until the others are larger: 64 KiB come in one read and a rest, and while their 2,000 clients sent nothing more,
 * copies of them kept a new connection waiting for 1.5 s. What counts is the capacity of both.
 */
export class Gathered {
  size = 0
  readonly #account: BodyAccount | undefined
  readonly #expected: number
  #first = nothing
  #others = nothing
  #counted = 0

  /** `expected` is how many bytes the client says it will send, 0 if it does not say. */
  constructor(account?: BodyAccount, expected = 0) {
    this.#account = account
    this.#expected = expected
  }

  add(chunk: Buffer): void {
    if (this.size === 0) {
      this.#count(chunk.length)
      this.#first = chunk
    } else {
      const gathered = this.size - this.#first.length
      if (gathered + chunk.length > this.#others.length) this.#grow(gathered, chunk.length)
      chunk.copy(this.#others, this.size - this.#first.length)
    }
    this.size += chunk.length
  }

  /** Everything gathered, which is let go. It counts until more arrives. */
  take(): Buffer {
    const [first, others] = this.takeParts()
    if (others.length === 0) return first
    return first.length === 0 ? others : Buffer.concat([first, others])
  }

  /** Both parts of it, either of which may be empty. */
  takeParts(): [Buffer, Buffer] {
    const first = this.#first
    const others = this.#others.subarray(0, this.size - first.length)
    this.#first = nothing
    this.#others = nothing
    this.size = 0
    return [first, others]
  }

  #grow(gathered: number, more: number): void {
    const isJoined = gathered + more >= this.#first.length
    const kept = isJoined ? 0 : this.#first.length
    const needed = this.size + more - kept
    const expected = this.#expected - kept
    const room = expected > 0 ? Math.max(needed, Math.min(2 * needed, expected)) : 2 * needed
    this.#count(kept + room)
    const grown = Buffer.allocUnsafeSlow(room)
    if (isJoined) {
      this.#first.copy(grown)
      this.#others.copy(grown, this.#first.length, 0, gathered)
      this.#first = nothing
    } else this.#others.copy(grown, 0, 0, gathered)
    this.#others = grown
  }

  #count(bytes: number): void {
    this.#account?.add(bytes - this.#counted)
    this.#counted = bytes
  }
}
