// What to do about each problem code. The compiler asks for a line if a new code has none.
import { type ProblemCode, problems } from '../../src/http/problem.ts'
import { table } from './generated-parts.ts'

const remedies: Readonly<Record<ProblemCode, string>> = {
  invalid_json:
    '`detail` says where, what to do about it, what was expected and what is there. Often an extra comma, single quotes, or a shell that removed the quotes.',
  invalid_utf8: 'Send UTF-8. Windows editors may save UTF-16: save again as UTF-8.',
  invalid_query: 'The answer names the parameter. `limit` is 1 to 10000, `after` is an `_id`.',
  invalid_patch:
    'The answer names the operation and what is wrong with it. A merge patch is an object, a JSON Patch an array.',
  invalid_form:
    'Use the forms of the page as they are. Programs write to `/data`, which takes JSON and says more.',
  invalid_path: 'Percent-encode the `_id`: a `%` in it is `%25`.',
  invalid_idempotency_key: 'Send one key of at most 255 visible characters, a UUID for example.',
  bad_request:
    'Not HTTP as the standard defines it, for example without Host. Check the client or the proxy.',
  token_missing:
    'Send `Authorization: Bearer <token>`. The token is in the setting `API_TOKEN` of the service.',
  token_invalid:
    'It is a different token. After a change of `API_TOKEN` clients need the new one, and every pod has it once the rollout is complete.',
  cross_site:
    'A browser sent it for a page of another site. If a proxy changes `Host` or `Origin`, let it pass them on.',
  not_found: 'The address or the `_id` does not exist. An `_id` of 24 hex digits is an ObjectId.',
  method_not_allowed: 'The `Allow` header has the methods of this address.',
  not_acceptable: 'Ask for a media type that the answer names, or send no `Accept`.',
  request_timeout:
    'The body arrived more slowly than 16 KiB per second. Send it again over a better connection; one that keeps moving may take as long as it needs.',
  duplicate_id:
    'The document is there already, perhaps from your own first attempt. `Prefer: resolution=ignore-duplicates` makes that a success; `PUT` replaces it.',
  duplicate_value:
    'An index of the setting `INDEXES` is unique, and another document has the value at `pointer`: look for it with a condition.',
  patch_test_failed:
    'The document is not what the patch expects: read it again. `pointer` names the operation; none of them was done.',
  patch_not_possible:
    'A path of the patch leads nowhere in this document. `pointer` names the operation; none of them was done.',
  length_required: 'Send a body.',
  precondition_failed:
    'Somebody else wrote the document: read it again, then write with its new `ETag`. Or a proxy that compresses changes the tags, `W/"..."` or `"...-gzip"`: reading again does not help, and the answer names the tag to send.',
  body_too_large:
    'Send more documents as NDJSON, in which each line has this limit of its own. `MAX_BODY` raises it; the memory limit of the pod has to grow with it.',
  unsupported_media_type:
    'Set `Content-Type: application/json` or `application/x-ndjson`; no compression.',
  expectation_failed: 'Do not send an `Expect` other than `100-continue`.',
  misdirected_request:
    'Use the address that the service was set up for. If the name is your own (of a proxy, a tunnel, the hosts file), add it to `ALLOWED_HOSTS`.',
  not_an_object:
    'A document is a JSON object. The answer names the items of the array that are not objects.',
  number_not_exact:
    'Send the number as a string, or with fewer digits: it would come back changed.',
  key_not_allowed: 'Rename the key: it begins with `$` or holds a NUL.',
  duplicate_key: 'An object has the key twice. `pointer` says where.',
  lone_surrogate: 'The text is cut in the middle of a character. Find out what cuts it.',
  too_deep: 'Over 100 levels. Make the document flatter.',
  document_too_large: 'Over 16 MiB as BSON, MongoDB’s own limit. Split it into several documents.',
  invalid_id:
    'An `_id` is a text of 1 to 256 bytes. 24 hex digits are written in lower case. An address that is Extended JSON stands for an `_id` of another program; PUT makes no such document.',
  index_needed:
    'Add what the answer names: a limit to the sort, a condition that leaves fewer documents, or an index: the setting `INDEXES` as the answer has it.',
  idempotency_key_reused:
    'The same key came with another document. Make a new key for each request, and use it again only to repeat that one.',
  refused_by_store:
    '`detail` has the reason: with MongoDB perhaps a validator or an index of the collection, in the embedded store a unique index, which takes 100 different values per document.',
  headers_too_large:
    'The request line and headers are over 16 KiB, or over 4 KiB while over 2,000 connections are open, or there are more than 100 header fields. Often cookies of another application.',
  internal:
    'A fault of the service. Search its log for the request’s id, in `instance` and in `X-Request-Id`, and report it.',
  store_unavailable:
    'The database is away, or refuses the log-in. `/readyz?verbose` says what the last check found; `kubectl get pods -n mongo`, `./deploy.sh logs`. Clients repeat after `Retry-After`; the service reconnects on its own. On the embedded store `detail` may say that the data file is damaged: [restore it](#backup-and-restore).',
  overloaded:
    'More work than memory allows: too many bodies, reads, waiting documents, or answers to clients that do not read, at once. Clients repeat after `Retry-After`. If it lasts: more pods, or a faster database.',
  store_full:
    'The disk of the database is full. Make room or enlarge the volume; reading and deleting still work.',
}

/** The table: code, status, title, remedy. */
export const problemRunbook = (): string =>
  table(
    ['code', 'status', 'what it says', 'what to do'],
    Object.entries(remedies).map(([code, remedy]) => {
      const [status, title] = problems[isCode(code) ? code : 'internal']
      return [`\`${code}\``, `${status}`, title, remedy]
    }),
  )

const isCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code)
