// Memory for the documents of a batch that is used again for the next one.

/** Gives a buffer of this length, its content undefined. */
export type Allocate = (length: number) => Buffer

export interface Slab {
  readonly allocate: Allocate
  /** Everything that was allocated is free again. */
  reset(): void
}

/**
 * Makes a slab. A stream of documents that allocates each of them makes garbage faster than it is
 * collected: measured with 200 MB of NDJSON, the resident set rose by 40 MiB so, and by 15 with
 * slabs.
 */
export function createSlab(bytes: number): Slab {
  const memory = Buffer.allocUnsafeSlow(bytes)
  let used = 0
  return {
    allocate(length) {
      if (used + length > bytes) return Buffer.allocUnsafeSlow(length)
      used += length
      return memory.subarray(used - length, used)
    },
    reset() {
      used = 0
    },
  }
}
