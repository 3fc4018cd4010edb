// Entity tags (RFC 9110, section 8.8.3): made of the JSON of a document, in pieces if it is large.
import { createHash, hash } from 'node:crypto'
import { type DocumentText, piecesInTurns } from '../codec/document-text.ts'

const tag = (digest: string) => `"${digest.slice(0, 22)}"`

export interface Tagged {
  /** Strong: the same JSON, the same tag, in every store and on every pod. */
  readonly etag: string
  /** Bytes of the JSON. */
  readonly bytes: number
}

/** The tag of a document. `onPiece` is called for each piece of a large one, and may throw. */
export function tagDocument(text: DocumentText, onPiece = () => {}): Tagged | Promise<Tagged> {
  const { whole } = text
  return whole
    ? { etag: tag(hash('sha256', whole, 'base64url')), bytes: whole.length }
    : taggedInTurns(text, onPiece)
}

async function taggedInTurns(text: DocumentText, onPiece: () => void): Promise<Tagged> {
  const sum = createHash('sha256')
  let bytes = 0
  for await (const piece of piecesInTurns(text)) {
    onPiece()
    sum.update(piece)
    bytes += piece.length
  }
  return { etag: tag(sum.digest('base64url')), bytes }
}

/** The result of a test of the stored tag (undefined: none is stored), now or when it is made. */
export function testTag<T>(
  current: DocumentText | undefined,
  test: (etag: string | undefined) => T,
): T | Promise<T> {
  if (current === undefined) return test(undefined)
  const found = tagDocument(current)
  return found instanceof Promise ? found.then(({ etag }) => test(etag)) : test(found.etag)
}
