// Joins chunks, however small, and counts what they hold.
import type { BodyAccount } from './body-budget.ts'

/** Bytes joined as they arrive. */
export interface Gathered {
  readonly size: number
  add(chunk: Buffer): void
  /** Everything gathered, which is let go. It counts until more arrives. */
  take(): Buffer
}

const nothing: Buffer = Buffer.alloc(0)

/**
 * Gathers chunks in one buffer that doubles: a chunk may have one byte, and each is an object of 180
 * bytes. What counts is the buffer's capacity. `expected` is how many bytes the client says it will send,
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
