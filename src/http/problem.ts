// The one table of errors: each code with its status and title, sent as problem details (RFC 9457).
import type { AnswerHeaders } from './security-headers.ts'

export const problems = {
  invalid_json: [400, 'The body is not well-formed JSON'],
  invalid_utf8: [400, 'The text is not valid UTF-8'],
  invalid_query: [400, 'A query parameter is wrong'],
  invalid_patch: [400, 'The patch is not a valid patch'],
  invalid_form: [400, 'The form is not one that the page sends'],
  invalid_path: [400, 'The path cannot be decoded'],
  invalid_idempotency_key: [400, 'The Idempotency-Key cannot be used'],
  bad_request: [400, 'The request is not well-formed HTTP'],
  token_missing: [401, 'This needs the token of the service'],
  token_invalid: [401, 'The token is not the one of the service'],
  cross_site: [403, 'The request comes from a page of another site'],
  not_found: [404, 'There is nothing at this address'],
  method_not_allowed: [405, 'This address does not take this method'],
  not_acceptable: [406, 'No form of the answer is acceptable to the client'],
  request_timeout: [408, 'The request took too long to arrive'],
  duplicate_id: [409, 'A document with this _id is there already'],
  duplicate_value: [409, 'Another document has a value that only one may have'],
  patch_test_failed: [409, 'A test of the patch failed'],
  patch_not_possible: [409, 'The patch does not fit the document'],
  length_required: [411, 'The request has no body'],
  precondition_failed: [412, 'The document is not in the expected state'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body has a media type that this address does not take'],
  expectation_failed: [417, 'The expectation cannot be met'],
  misdirected_request: [421, 'The service does not go by this host name'],
  not_an_object: [422, 'A document must be a JSON object'],
  number_not_exact: [422, 'A number cannot be kept exactly'],
  key_not_allowed: [422, 'A key cannot be kept'],
  duplicate_key: [422, 'An object has the same key twice'],
  lone_surrogate: [422, 'A string has half of a surrogate pair'],
  too_deep: [422, 'The document is nested too deeply'],
  document_too_large: [422, 'The document is over 16 MiB as BSON'],
  invalid_id: [422, 'The _id cannot be used'],
  index_needed: [422, 'The query asks for too much without an index'],
  idempotency_key_reused: [422, 'The Idempotency-Key belongs to another document'],
  refused_by_store: [422, 'The database refuses the document'],
  headers_too_large: [431, 'The request headers are too large'],
  internal: [500, 'The service failed'],
  store_unavailable: [503, 'The database does not answer'],
  overloaded: [503, 'The service has more to do than it can hold'],
  store_full: [507, 'There is no room left to store the document'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof problems

/** Further members of a problem: its place (`pointer`, `line`), errors per item, and the like. */
export type ProblemDetails = Readonly<Record<string, unknown>>

/** An error with an answer: thrown anywhere below a handler, sent as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly status: number
  readonly details: ProblemDetails
  readonly headers: AnswerHeaders

  /** `cause` is for the log alone. */
  constructor(
    code: ProblemCode,
    detail: string,
    details: ProblemDetails = {},
    headers: AnswerHeaders = {},
    cause?: unknown,
  ) {
    // Nobody sees its stack, and to note it took a tenth of the time of a 404.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(detail, { cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.status = problems[code][0]
    this.details = details
    this.headers = headers
  }
}

/** The answer if there is no room at the moment; `cause` is for the log alone. */
export const overloaded = (detail: string, cause?: unknown): Problem =>
  new Problem('overloaded', detail, {}, { 'Retry-After': '1' }, cause)

/** With a charset: Windows PowerShell 5.1 reads any JSON without one as Latin-1. */
export const problemType = 'application/problem+json; charset=utf-8'

/** The JSON text of a problem. `requestId` names the occurrence; the log has the same id. */
export function problemBody(problem: Problem, requestId: string): string {
  const { code, status, message, details } = problem
  return `${JSON.stringify({
    type: `urn:data-service:problem:${code}`,
    title: problems[code][1],
    status,
    detail: message,
    instance: `urn:request:${requestId}`,
    code,
    ...details,
  })}\n`
}

/** What the work gives, or the Problem that it throws. */
export async function orProblem<T>(work: Promise<T>): Promise<T | Problem> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
