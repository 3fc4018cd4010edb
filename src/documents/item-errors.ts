// The errors of many documents in one answer, and the status of that answer.
import { Problem, type ProblemCode, type ProblemDetails, problems } from '../http/problem.ts'

export interface ItemError {
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  readonly [place: string]: unknown
}

/** Of more errors in one answer only the count is given. */
export const shownErrors = 100

/** What an item's error says; `place` is its index or line. */
export function itemError(place: Readonly<Record<string, number>>, error: unknown): ItemError {
  const problem = error instanceof Problem ? error : new Problem('internal', 'See the log.')
  const { status, code, message: detail, details } = problem
  return { ...details, ...place, status, code, detail }
}

/**
 * The problem to answer with where not one document was kept: that of the items if they all have
 * the same, the most severe one elsewhere. A 2xx would hide that nothing was done.
 */
export function nothingKept(errors: readonly ItemError[], details: ProblemDetails): Problem {
  const worst = errors.reduce((left, right) => (right.status > left.status ? right : left))
  const retry = worst.status === 503 ? ['Retry-After', '2'] : []
  const same = errors.every(({ code }) => code === worst.code)
  const detail =
    same && errors.length > 1 ? `${problems[worst.code][1]} (every one).` : worst.detail
  return new Problem(worst.code, detail, details, retry)
}
