// A document of the store as the page shows it: its id, its entity tag and its JSON text.
import { idOfDocument } from '../codec/bson-id.ts'
import { type DocumentId, isObjectId } from '../codec/document-id.ts'
import { JsonWriter } from '../codec/json-writer.ts'
import { whenTagged } from '../documents/etag.ts'

/** What is shown of a document. Its BSON is let go, so that many readers at once hold little. */
export interface StoredDocument extends JsonText {
  readonly id: DocumentId
  readonly etag: string
  /** Of the whole document, as BSON. */
  readonly bytes: number
}

/** The JSON of a document on one line, or the beginning of it. */
interface JsonText {
  readonly json: string
  readonly whole: boolean
}

/** The document of these bytes, with at most `limit` bytes of its JSON. */
export const storedDocument = (
  bson: Uint8Array,
  limit: number,
): StoredDocument | Promise<StoredDocument> =>
  whenTagged(bson, (etag = '') => ({
    id: idOfDocument(bson),
    etag,
    bytes: bson.length,
    ...jsonOf(bson, limit),
  }))

function jsonOf(bson: Uint8Array, limit: number): JsonText {
  const writer = new JsonWriter(Math.min(1024 + bson.length * 2, limit + 32 * 1024))
  writer.begin(bson)
  let ended = false
  while (!ended && writer.length <= limit) ended = writer.fill(limit + 1)
  const whole = ended && writer.length <= limit
  if (whole) return { json: writer.bytes.toString(), whole }
  // The cut may go through a character of several bytes.
  return { json: writer.bytes.toString('utf8', 0, limit).replace(/\ufffd$/, ''), whole }
}

// Characters, up to 9 kB as an address: a request line and its headers may have 16 KiB. Other programs'
// documents may have an _id of megabytes.
const longestAddress = 1024

/** Whether a link to the document can be followed. */
export const isAddressable = ({ id }: { readonly id: DocumentId }): boolean =>
  id.length <= longestAddress

/**
 * When the document was made, which an ObjectId tells in its first four bytes. Undefined if that lies in
 * the future: ids that earlier versions made of an Idempotency-Key carry dates up to 2106.
 */
export function madeAt(id: string): Date | undefined {
  if (!isObjectId(id)) return undefined
  const time = Number.parseInt(id.slice(0, 8), 16) * 1000
  return time > Date.now() ? undefined : new Date(time)
}
