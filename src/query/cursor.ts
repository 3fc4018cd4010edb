// Where a page of a sorted list ends, as the text that `after` has: it leads on, whatever is written in between.
import { hash } from 'node:crypto'
import type { DocumentId } from '../codec/document-id.ts'
import { invalidQuery, type Query } from './filter.ts'
import { valuesOfKey } from './key-reader.ts'

/** The place after a document. Of a long sort key it has the hash: the document has the key, if it sorts as it did. */
interface Cursor {
  readonly id: DocumentId
  readonly key: Buffer | undefined
  readonly keyHash: Buffer | undefined
}

// A cursor is a header's and an address's part: 2 KiB in base64 are 1,536 bytes.
const maxBytes = 1536
const hashBytes = 16
const queryBytes = 8
const whole = 1
const hashed = 2

const digest = (bytes: Uint8Array | string, length: number) =>
  hash('sha256', bytes, 'buffer').subarray(0, length)

/** The hash of a cursor's key, without the _id. */
export const hashOfKey = (sortKey: Uint8Array): Buffer => digest(sortKey, hashBytes)

// The filter and the sort: with another limit or other fields a list goes on where it was.
const hashOfQuery = ({ filter, sort }: Query): Buffer =>
  digest(
    JSON.stringify([filter ?? null, sort], (_key, value: unknown) =>
      typeof value === 'bigint' ? { integer: String(value) } : value,
    ),
    queryBytes,
  )

/** The cursor after the document with this sort key and _id. */
export function writeCursor(
  query: Query,
  { sortKey, id }: { readonly sortKey: Buffer; readonly id: DocumentId },
): string {
  const idBytes = Buffer.from(id)
  const head = Buffer.from([0, idBytes.length >> 8, idBytes.length & 0xff])
  const isShort = head.length + queryBytes + idBytes.length + sortKey.length <= maxBytes
  head[0] = isShort ? whole : hashed
  const parts = [head, hashOfQuery(query), idBytes, isShort ? sortKey : hashOfKey(sortKey)]
  return Buffer.concat(parts).toString('base64url')
}

/** @throws Refusal `invalid_query` for what is not a cursor of this query */
export function readCursor(query: Query, text: string): Cursor {
  const bytes = /^[\w-]{16,2048}$/.test(text) ? Buffer.from(text, 'base64url') : Buffer.alloc(0)
  const idStart = 3 + queryBytes
  const idEnd = idStart + (bytes.length > idStart ? bytes.readUInt16BE(1) : 0)
  const isWhole = bytes[0] === whole
  if ((!isWhole && bytes[0] !== hashed) || idEnd > bytes.length) {
    throw invalidQuery(notOurs)
  }
  if (!bytes.subarray(3, idStart).equals(hashOfQuery(query))) {
    throw invalidQuery(
      'after belongs to another query: the conditions and the sort must be the same.',
    )
  }
  const rest = bytes.subarray(idEnd)
  const id = bytes.toString('utf8', idStart, idEnd)
  // Without an id it is the beginning of a key, which may end anywhere.
  if (isWhole && id !== '' && !isSortKey(query, rest)) throw invalidQuery(notOurs)
  return { id, key: isWhole ? rest : undefined, keyHash: isWhole ? undefined : rest }
}

const notOurs = 'after is not from a Link of this service. With a sort it is not an _id.'

// The hash is of the query alone: what a client has made up or changed may be no key.
function isSortKey({ sort }: Query, bytes: Buffer): boolean {
  try {
    valuesOfKey(sort, bytes)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
