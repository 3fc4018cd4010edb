// Commands whose documents go to the server as the BSON bytes that they are.
import { BSON, type Document } from 'mongodb'
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js'

// Memory of sequences that are sent and answered, for the next one. One is under way at most times.
const spare: Buffer[] = []
const sparesKept = 2
const spareBytes = 1 << 20

/** A sequence that is put together in memory used before; the driver copies it once more. */
class PooledSequence extends DocumentSequence {
  #memory: Buffer

  constructor(field: string, memory: Buffer) {
    super(field)
    this.#memory = memory
  }

  override toBin(): Uint8Array {
    const length = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(length)
    let at = 0
    for (const chunk of this.chunks) {
      this.#memory.set(chunk, at)
      at += chunk.length
    }
    return this.#memory.subarray(0, length)
  }

  /** Lets another sequence have the memory. */
  release(): void {
    if (spare.length < sparesKept && this.#memory.length <= spareBytes) spare.push(this.#memory)
  }
}

/**
 * Runs a command whose documents are a section of their own (OP_MSG, payload type 1). The driver
 * sends its own bulk writes so; given bytes instead of objects it has nothing to serialize, and
 * keys stay in order ("3" before "1"), which no JavaScript object could keep.
 * The class is not of the driver's public API: its version is pinned, and the contract tests fail
 * where it changes.
 */
export async function withSequence<T>(
  field: string,
  documents: readonly Uint8Array[],
  command: (sequence: Document) => Promise<T>,
): Promise<T> {
  const sequence = new PooledSequence(field, spare.pop() ?? Buffer.alloc(0))
  for (const bson of documents) sequence.push({}, bson)
  const reply = await command(sequence)
  // Only behind an answer: after an error the driver might still be about to read it.
  sequence.release()
  return reply
}

/** A BSON document of the members of `plain`, then of those that are BSON documents already. */
export function rawDocument(
  plain: Document,
  raw: Readonly<Record<string, Uint8Array>>,
): Uint8Array {
  const parts: Uint8Array[] = [BSON.serialize(plain).subarray(0, -1)]
  // 3 is the type of an embedded document.
  for (const [key, bson] of Object.entries(raw)) parts.push(Buffer.from(`\u0003${key}\0`), bson)
  const document = Buffer.concat([...parts, Buffer.of(0)])
  document.writeInt32LE(document.length, 0)
  return document
}
