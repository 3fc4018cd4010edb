// What a client prefers (RFC 7240): what to do with duplicates, and whether to count.
import type { Exchange } from '../http/exchange.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'

const ignoreDuplicates = 'resolution=ignore-duplicates'

export interface Preference {
  /** A document whose _id is there already counts as done. */
  readonly ignoreDuplicates: boolean
  /** Headers for the answer. */
  readonly applied: AnswerHeaders
}

export const noPreference: Preference = { ignoreDuplicates: false, applied: {} }
export const duplicatesIgnored: Preference = {
  ignoreDuplicates: true,
  applied: { 'Preference-Applied': ignoreDuplicates },
}

/** Reads the Prefer header. What is unknown is ignored, as the RFC asks. */
export const preferenceOf = (exchange: Exchange): Preference =>
  isPreferred(exchange, ignoreDuplicates) ? duplicatesIgnored : noPreference

const exactCount = 'count=exact'

/** Whether the client wants to know how many documents there are. Counted unasked, it is what makes lists slow. */
export const wantsCount = (exchange: Exchange): boolean => isPreferred(exchange, exactCount)

/** Headers for the answer, if it was counted. */
export const countApplied: AnswerHeaders = { 'Preference-Applied': exactCount }

function isPreferred({ request }: Exchange, preferred: string): boolean {
  const header = request.headers.prefer
  if (header === undefined) return false
  const text = Array.isArray(header) ? header.join(',') : header
  const wanted = text.split(/[,;]/).map((part) => part.trim().toLowerCase().replaceAll('"', ''))
  return wanted.includes(preferred)
}
