// A document as canonical JSON: whole if it is small, in pieces if it is not.
import { nextPiece } from '../fair-turns.ts'
import type { DocumentId } from './document-id.ts'
import type { EncodedDocument } from './encoded-document.ts'
import { JsonWriter } from './json-writer.ts'
import { idOfBson } from './stored-id.ts'

/** Bytes of BSON or of JSON. What has no more is read, hashed and written in one turn, in under 0.3 ms. */
export const smallBytes = 64 * 1024
/** Bytes of JSON that are made in one turn of the event loop: 0.2 to 2 ms (measured). */
export const pieceBytes = 128 * 1024
/** What a writer may then hold. */
export const pieceMemory = pieceBytes + 32 * 1024

export interface DocumentText {
  readonly id: DocumentId
  /** Bytes that it takes in memory. */
  readonly size: number
  /** The whole of a small one. */
  readonly whole: Buffer | undefined
  /** The whole, in pieces. Each is valid until the next is asked for. */
  pieces(): Iterable<Buffer>
}

/** The document with this JSON. `isSmall`: it is to be read whole. */
export const textOfJson = (
  id: DocumentId,
  json: Buffer,
  isSmall = json.length <= smallBytes,
): DocumentText => ({
  id,
  size: json.length,
  whole: isSmall ? json : undefined,
  *pieces() {
    for (let at = 0; at < json.length; at += pieceBytes) yield json.subarray(at, at + pieceBytes)
  },
})

// Of all small documents.
const small = new JsonWriter()

/** The JSON of a small document, valid until the next call. */
export function writeSmallJson(bson: Uint8Array): Buffer {
  small.clear()
  small.document(bson)
  return small.bytes
}

// A control character of one byte is written as six, and no other value grows more. Memory that nothing
// was written to is not there yet.
const mostGrowth = 6

/** The JSON of a large document, written in turns. */
export async function writeLargeJson(bson: Uint8Array): Promise<Buffer> {
  const writer = new JsonWriter(bson.length * mostGrowth)
  writer.begin(bson)
  do await nextPiece()
  while (!writer.fill(writer.length + pieceBytes))
  return writer.bytes
}

/** The document with this BSON. The JSON of a large one is written anew each time it is asked for. */
export function textOfBson({ id, bson }: EncodedDocument): DocumentText {
  // If it is mostly escapes, its JSON may have more bytes than a small document.
  if (bson.length <= smallBytes) return textOfJson(id, Buffer.from(writeSmallJson(bson)), true)
  return {
    id,
    size: bson.length,
    whole: undefined,
    *pieces() {
      const writer = new JsonWriter(pieceMemory)
      writer.begin(bson)
      for (let ended = false; !ended; writer.clear()) {
        ended = writer.fill(pieceBytes)
        yield writer.bytes
      }
    },
  }
}

/** The document with this BSON, whose _id is in it. */
export const textOfStored = (bson: Uint8Array): DocumentText =>
  textOfBson({ id: idOfBson(bson), bson })

/** The pieces of a large document, each in its turn. */
export async function* piecesInTurns(text: DocumentText): AsyncGenerator<Buffer> {
  const pieces = text.pieces()[Symbol.iterator]()
  for (;;) {
    await nextPiece()
    const piece = pieces.next()
    if (piece.done) return
    yield piece.value
  }
}

/** The whole document, put together in turns if it is large. */
export async function joinPieces(text: DocumentText): Promise<Buffer> {
  if (text.whole) return text.whole
  const pieces: Buffer[] = []
  for await (const piece of piecesInTurns(text)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
