// What a client prefers (RFC 7240): the one preference known here is what to do with duplicates.
import type { Exchange } from '../http/exchange.ts'

const ignoreDuplicates = 'resolution=ignore-duplicates'

export interface Preference {
  /** A document whose _id is there already counts as done. */
  readonly ignoreDuplicates: boolean
  /** Header names and values in turn, for the answer. */
  readonly applied: readonly string[]
}

/** Reads the Prefer header. What is not known is ignored, as the RFC asks. */
export function preference({ request }: Exchange): Preference {
  const header = request.headers.prefer
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  const wanted = text.split(/[,;]/).map((part) => part.trim().toLowerCase().replaceAll('"', ''))
  return wanted.includes(ignoreDuplicates)
    ? { ignoreDuplicates: true, applied: ['Preference-Applied', ignoreDuplicates] }
    : { ignoreDuplicates: false, applied: [] }
}
