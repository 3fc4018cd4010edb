// Joins chunks, however small, and counts what they hold.
import type { BodyAccount } from './body-budget.ts'

const nothing: Buffer = Buffer.alloc(0)

/**
 * Gathers chunks in one buffer that doubles: each may have one byte, and is an object of 180 bytes. What counts is the
 * buffer's capacity.
 */
export class Gathered {
  size = 0
  readonly #account: BodyAccount | undefined
  readonly #expected: number
  #buffer = nothing
  #counted = 0

  /** `expected` is how many bytes the client says it will send, 0 if it does not say. */
  constructor(account?: BodyAccount, expected = 0) {
    this.#account = account
    this.#expected = expected
  }

  add(chunk: Buffer): void {
    const { size } = this
    const needed = size + chunk.length
    if (size === 0) {
      this.#count(chunk.length)
      this.#buffer = chunk
    } else {
      if (needed > this.#buffer.length) this.#grow(needed)
      chunk.copy(this.#buffer, size)
    }
    this.size = needed
  }

  /** Everything gathered, which is let go. It counts until more arrives. */
  take(): Buffer {
    const buffer = this.#buffer
    const taken = this.size === buffer.length ? buffer : buffer.subarray(0, this.size)
    this.#buffer = nothing
    this.size = 0
    return taken
  }

  #grow(needed: number): void {
    const doubled = 2 * needed
    const expected = this.#expected
    const room = expected > 0 ? Math.max(needed, Math.min(doubled, expected)) : doubled
    this.#count(room)
    const grown = Buffer.allocUnsafeSlow(room)
    this.#buffer.copy(grown, 0, 0, this.size)
    this.#buffer = grown
  }

  #count(bytes: number): void {
    this.#account?.add(bytes - this.#counted)
    this.#counted = bytes
  }
}
