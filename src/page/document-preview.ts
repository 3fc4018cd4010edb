// A document of the store as the page shows it: its id, its entity tag and its JSON text.
import { type DocumentId, isObjectId } from '../codec/document-id.ts'
import type { DocumentText } from '../codec/document-text.ts'
import { type Tagged, tagDocument } from '../documents/etag.ts'

/** What is shown of a document. The rest is released, so that many readers at once hold little. */
export interface DocumentPreview {
  readonly id: DocumentId
  readonly etag: string
  /** Of the whole document. */
  readonly bytes: number
  /** The JSON on one line, or the beginning of it. */
  readonly json: string
  readonly whole: boolean
}

/** The document with at most `limit` bytes of its JSON. */
export function previewDocument(
  text: DocumentText,
  limit: number,
): DocumentPreview | Promise<DocumentPreview> {
  const shown = ({ etag, bytes }: Tagged) => {
    const json = beginningOf(text, Math.min(bytes, limit))
    const whole = bytes <= limit
    // The cut may be within a character of several bytes.
    return { id: text.id, etag, bytes, json: whole ? json : json.replace(/\ufffd$/, ''), whole }
  }
  const found = tagDocument(text)
  return found instanceof Promise ? found.then(shown) : shown(found)
}

function beginningOf(text: DocumentText, length: number): string {
  const json: Buffer[] = []
  let left = length
  for (const piece of text.pieces()) {
    json.push(Buffer.from(piece.subarray(0, left)))
    left -= piece.length
    if (left <= 0) break
  }
  return Buffer.concat(json).toString()
}

// Characters, up to 9 kB as an address: a request line and its headers may have 16 KiB. Other programs' _ids may
// have megabytes.
const longestAddress = 1024

/** Whether a link to the document can be followed. */
export const isAddressable = ({ id }: { readonly id: DocumentId }): boolean =>
  id.length <= longestAddress

/**
 * When the document was made, by the first four bytes of an ObjectId. Undefined if that is in the future: ids that
 * earlier versions made from an Idempotency-Key have dates up to 2106.
 */
export function creationTime(id: string): Date | undefined {
  if (!isObjectId(id)) return undefined
  const time = Number.parseInt(id.slice(0, 8), 16) * 1000
  return time > Date.now() ? undefined : new Date(time)
}
