// Writes batches of BSON as the pieces of a list of JSON.
import { pieceBytes, pieceMemory, smallBytes } from '../codec/document-text.ts'
import { JsonWriter } from '../codec/json-writer.ts'
import { nextPiece } from '../fair-turns.ts'
import type { ListPiece } from './document-store.ts'
import type { Batch } from './mongo-cursor.ts'

// Fewer bytes, unless they are the last, wait for the next batch.
const leastPiece = 32 * 1024

/** The documents of the batches, written as the pieces are asked for. */
export async function* writePieces(
  batches: AsyncIterable<Batch>,
  between: string,
): AsyncGenerator<ListPiece> {
  let writer: JsonWriter | undefined
  let ends: number[] = []
  for await (const { documents, bytes, isLast } of batches) {
    // Replies may come for ten lists in one turn.
    if (!writer && bytes > smallBytes) await nextPiece()
    // JSON has about as many bytes as BSON; a little more room spares most lists a larger copy.
    writer ??= new JsonWriter(Math.min(1024 + bytes * 1.25, pieceMemory))
    for (const bson of documents) {
      if (ends.length > 0) writer.text(between)
      writer.begin(bson)
      while (!writer.fill(pieceBytes)) {
        yield { bytes: writer.bytes, ends, held: bytes, isLast: false }
        writer.clear()
        ends = []
      }
      ends.push(writer.length)
    }
    if (writer.length < leastPiece && !isLast) continue
    // This generator holds the batch for as long as its reader is busy.
    yield { bytes: writer.bytes, ends, held: bytes, isLast }
    writer.clear()
    ends = []
  }
  if (writer && writer.length > 0) {
    yield { bytes: writer.bytes, ends, held: 0, isLast: true }
  }
}
