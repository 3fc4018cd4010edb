// Entity tags and the conditions that use them (RFC 9110, section 13).
import { createHash } from 'node:crypto'
import type { Exchange } from '../http/exchange.ts'
import type { Precondition } from '../store/document-store.ts'

/** A strong entity tag: the same bytes in the store, the same tag, on every pod. */
export const etagOf = (bson: Uint8Array): string =>
  `"${createHash('sha256').update(bson).digest('base64url').slice(0, 22)}"`

/** Whether If-None-Match says that the client has this very document. */
export function isFresh({ request }: Exchange, etag: string): boolean {
  const header = request.headers['if-none-match']
  return header !== undefined && matchesWeakly(header, etag)
}

/** The condition of If-Match and If-None-Match on a write, or undefined where there is none. */
export function writeCondition({ request }: Exchange): Precondition | undefined {
  const match = request.headers['if-match']
  const noneMatch = request.headers['if-none-match']
  if (match === undefined && noneMatch === undefined) return undefined
  if (noneMatch === undefined && match?.trim() === '*') return 'exists'
  if (match === undefined && noneMatch?.trim() === '*') return 'absent'
  return (current) => {
    const etag = current && etagOf(current)
    if (match !== undefined && !(etag && matches(match, etag))) return false
    return noneMatch === undefined || !(etag && matchesWeakly(noneMatch, etag))
  }
}

const matches = (header: string, etag: string) =>
  header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag)

// Section 13.1.2: If-None-Match compares weakly, If-Match does not.
const matchesWeakly = (header: string, etag: string) => matches(header.replaceAll('W/', ''), etag)
