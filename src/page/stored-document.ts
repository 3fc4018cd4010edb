// A document of the store as the page shows it: its id, its entity tag and its JSON text.
import { etagOf } from '../documents/etag.ts'
import { idOfDocument } from '../store/bson-id.ts'
import { type DocumentId, isObjectId } from '../store/document-id.ts'
import { JsonWriter } from '../store/json-writer.ts'

export interface StoredDocument {
  readonly id: DocumentId
  readonly etag: string
  readonly bson: Uint8Array
}

/** The document of these bytes. */
export const storedDocument = (bson: Uint8Array): StoredDocument => ({
  id: idOfDocument(bson),
  etag: etagOf(bson),
  bson,
})

/** The JSON of a document on one line, or the beginning of it. */
export interface JsonText {
  readonly json: string
  /** Of the whole. */
  readonly bytes: number
  readonly whole: boolean
}

/** At most `limit` bytes of its JSON. */
export function jsonOf({ bson }: StoredDocument, limit: number): JsonText {
  const writer = new JsonWriter(Math.max(1024, bson.length * 2))
  writer.document(bson)
  const { bytes } = writer
  if (bytes.length <= limit) return { json: bytes.toString(), bytes: bytes.length, whole: true }
  // The cut may go through a character of several bytes.
  const json = bytes.toString('utf8', 0, limit).replace(/\ufffd$/, '')
  return { json, bytes: bytes.length, whole: false }
}

/** When the document was made, which an ObjectId tells in its first four bytes. */
export const madeAt = (id: string): Date | undefined =>
  isObjectId(id) ? new Date(Number.parseInt(id.slice(0, 8), 16) * 1000) : undefined
