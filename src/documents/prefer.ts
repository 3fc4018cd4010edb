// What a client prefers (RFC 7240): what to do with duplicates, and whether to count.
import type { Exchange } from '../http/exchange.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'

const ignoreDuplicates = 'resolution=ignore-duplicates'
const exactCount = 'count=exact'

/** Whether a document whose _id is there already counts as done. */
export const ignoresDuplicates = (exchange: Exchange) => isPreferred(exchange, ignoreDuplicates)

/** Whether the client wants to know how many documents there are. Unasked it would make lists slow. */
export const wantsCount = (exchange: Exchange) => isPreferred(exchange, exactCount)

/** Headers for an answer in which that was done. */
export const duplicatesIgnored: AnswerHeaders = { 'Preference-Applied': ignoreDuplicates }
export const countApplied: AnswerHeaders = { 'Preference-Applied': exactCount }

// What is unknown is ignored, as the RFC asks.
function isPreferred({ request }: Exchange, preferred: string): boolean {
  const text = String(request.headers.prefer ?? '')
  const wanted = text.split(/[,;]/).map((part) => part.trim().toLowerCase().replaceAll('"', ''))
  return wanted.includes(preferred)
}
