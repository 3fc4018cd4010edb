// Entity tags (RFC 9110, section 8.8.3): made of the bytes of a document, in pieces if it is large.
import { createHash } from 'node:crypto'
import { nextPiece } from '../fair-turns.ts'
import { smallBytes } from '../store/large-documents.ts'

// Bytes hashed in one turn: 0.6 ms, or 3 ms on a CPU without instructions for SHA-256.
const pieceBytes = 1024 * 1024

const hash = () => createHash('sha256')
const tag = (digest: string) => `"${digest.slice(0, 22)}"`

/** A strong entity tag: the same bytes in the store, the same tag, on every pod. */
export const etagOf = (bson: Uint8Array): string => tag(hash().update(bson).digest('base64url'))

/** The same, of a document of any size: a large one takes turns. */
export async function etagInTurns(bson: Uint8Array): Promise<string> {
  const sum = hash()
  for (let at = 0; at < bson.length; at += pieceBytes) {
    await nextPiece()
    sum.update(bson.subarray(at, at + pieceBytes))
  }
  return tag(sum.digest('base64url'))
}

/** What a test says of the tag of what is stored (undefined: nothing), now or when the tag is made. */
export function whenTagged<T>(
  current: Uint8Array | undefined,
  test: (etag: string | undefined) => T,
): T | Promise<T> {
  if (current === undefined) return test(undefined)
  return current.length > smallBytes ? etagInTurns(current).then(test) : test(etagOf(current))
}
