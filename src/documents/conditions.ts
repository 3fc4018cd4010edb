// The conditions of a request: If-Match and If-None-Match (RFC 9110, section 13).
import type { DocumentText } from '../codec/document-text.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { quoted } from '../shown-text.ts'
import type { Precondition } from '../store/document-store.ts'
import { testTag } from './etag.ts'

/** `*`, or the entity tags as they were sent. */
type Tags = '*' | readonly string[]

/** Reads both headers. @throws Problem `bad_request` if one is neither `*` nor a list of entity tags */
export function readConditions({ request: { headers } }: Exchange) {
  return {
    match: parseTags('If-Match', headers['if-match']),
    noneMatch: parseTags('If-None-Match', headers['if-none-match']),
  }
}

type Conditions = ReturnType<typeof readConditions>

/** What they say of a document with this tag (undefined: there is none). If-Match comes first (section 13.2.2). */
export function checkConditions(
  { match, noneMatch }: Conditions,
  etag: string | undefined,
): 'met' | 'no match' | 'match' {
  if (match !== undefined && !(etag && includes(match, etag, etag))) return 'no match'
  // Section 13.1.2: If-None-Match compares weakly, If-Match does not.
  return noneMatch !== undefined && etag && includes(noneMatch, etag, `W/${etag}`) ? 'match' : 'met'
}

const includes = (tags: Tags, etag: string, other: string) =>
  tags === '*' || tags.includes(etag) || tags.includes(other)

/** The condition on a write, or undefined if there is none. */
export function writeCondition(conditions: Conditions): Precondition | undefined {
  const { match, noneMatch } = conditions
  if (match === undefined && noneMatch === undefined) return undefined
  if (match === '*' && noneMatch === undefined) return 'exists'
  if (match === undefined && noneMatch === '*') return 'absent'
  return (current) => testTag(current, (etag) => checkConditions(conditions, etag) === 'met')
}

/** Whether the condition holds for what is stored (undefined: nothing). */
export async function isMet(
  condition: Precondition | undefined,
  current: DocumentText | undefined,
): Promise<boolean> {
  if (typeof condition === 'function') return condition(current)
  return condition === undefined || (condition === 'exists') === (current !== undefined)
}

/** The answer if they are not met. It says what is wrong with a tag that can never match. */
export function preconditionFailed({ match, noneMatch }: Conditions): Problem {
  for (const tag of match === '*' || match === undefined ? [] : match) {
    const [, weak = '', own = '', added = ''] = changedTag.exec(tag) ?? []
    if (weak === '' && added === '') continue
    const why = added === '' ? 'it is weak' : `it ends in ${added}`
    return failed(
      `If-Match never matches ${tag}: ${why}, as a proxy that compresses answers makes it. Send "${own}".`,
    )
  }
  if (Array.isArray(match) && match.some((tag) => tag.startsWith('W/'))) {
    return failed('If-Match never matches a weak entity tag. Send the ETag of GET, without W/.')
  }
  if (match !== undefined) {
    return failed(
      'The document is not in the state that If-Match names: somebody else has written or removed it.',
    )
  }
  return failed(
    noneMatch === '*'
      ? 'If-None-Match: * asks that there is no document, and there is one.'
      : 'The document has an entity tag that If-None-Match excludes.',
  )
}

const failed = (detail: string) => new Problem('precondition_failed', detail)

// A tag of this service as proxies change it: W/"...", "...-gzip" of Apache, "...--gzip" of Jetty.
const changedTag = /^(W\/)?"([\w-]{22})([-:;]{1,2}(?:gzip|br|deflate|zstd))?"$/

const entityTag = /[ \t,]*((?:W\/)?"[!#-~\u0080-\u00ff]*")[ \t]*(?=,|$)/gy

function parseTags(name: string, header: string | undefined): Tags | undefined {
  if (header === undefined) return undefined
  if (header.trim() === '*') return '*'
  const tags = [...header.matchAll(entityTag)]
  const end = tags.reduce((sum, [whole]) => sum + whole.length, 0)
  const rest = header.slice(end).replace(/^[ \t,]+/, '')
  if (rest === '' && tags.length > 0) return tags.map(([, tag = '']) => tag)
  throw new Problem('bad_request', malformed(name, rest))
}

function malformed(name: string, rest: string): string {
  if (rest === '') return `${name} is empty. Send the ETag of GET, or *.`
  const [token = ''] = rest.split(',', 1)
  if (token.trim() === '*') return `${name} is * alone, or a list of entity tags.`
  const hint = /^[\w-]{1,100}$/.test(token) ? ` Send ${name}: "${token}"` : ''
  return `${name} has ${quoted(token)}, which is not an entity tag: those are in double quotes.${hint}`
}
