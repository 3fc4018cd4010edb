// The Idempotency-Key of a POST (draft-ietf-httpapi-idempotency-key-header), and the earlier _ids from it.
import { hash } from 'node:crypto'
import type { DocumentId } from '../codec/document-id.ts'
import type { NewId } from '../codec/parsed-item.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'

// The draft's form, a quoted string (RFC 9651), and the bare one that most clients send: without a comma, which Node
// puts between two headers of the same name, and nothing of a quoted one.
const quoted = /^"((?:[!#-[\]-~]|\\["\\]){1,255})"$/
const bare = /^[!#-+\--:<-[\]-~]{1,255}$/

/** What the header may be, for /openapi.json. */
export const idempotencyKeyPattern = `${quoted.source}|${bare.source}`

/** The key of the request, without quotes, if it has one. @throws Problem `invalid_idempotency_key` */
export function idempotencyKey({ request }: Exchange): string | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined) return undefined
  const text = String(header)
  const key = quoted.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1') ?? bare.exec(text)?.[0]
  if (key === undefined) {
    throw new Problem(
      'invalid_idempotency_key',
      'Idempotency-Key is one text of 1 to 255 visible ASCII characters, in double quotes or without. A UUID is best.',
    )
  }
  return key
}

/**
 * The _ids that earlier versions gave to documents under this key, from it and the place in the request alone (see
 * keyed-documents.ts). 96 bits: two of a billion documents meet with a probability of 6e-12.
 */
export const idsOfKey =
  (key: string): NewId =>
  (index): DocumentId =>
    hash('sha256', `${key}\0${index}`).slice(0, 24)
