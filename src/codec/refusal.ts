// Why a text is not accepted: a code, a sentence for people, and the place.

/** Each is also the code of an answer (src/http/problem.ts). */
export type RefusalCode =
  | 'invalid_json'
  | 'invalid_utf8'
  | 'body_too_large'
  | 'not_an_object'
  | 'number_not_exact'
  | 'key_not_allowed'
  | 'duplicate_key'
  | 'lone_surrogate'
  | 'too_deep'
  | 'document_too_large'
  | 'invalid_id'
  | 'invalid_query'
  | 'invalid_patch'
  | 'patch_test_failed'
  | 'patch_not_possible'
  | 'internal'

/** Thrown for a text, or returned for one of many documents. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  /** Where it is: `line` and `column` if the text is not JSON, otherwise `pointer`. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: RefusalCode, message: string, details: Refusal['details'] = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}
