// The errors of many documents in one answer, and the status of that answer.
import { Problem, type ProblemDetails, problems } from '../http/problem.ts'
import { retryAfter } from './store-problem.ts'

/** Of more errors in one answer only the count is given. */
export const shownErrors = 100

/** What became of many documents, in constant memory. */
export class Tally {
  inserted = 0
  ignored = 0
  failed = 0
  /** The first ones. */
  readonly errors: ItemError[] = []
  // The first failure of the store itself determines the status even if it is not shown.
  #ofStore: ItemError | undefined

  /** Counts one that failed, in order. `place` is its index or line; `error` is asked for if it is shown. */
  fail(place: Readonly<Record<string, number>>, error: () => unknown, isOfStore = false): void {
    this.failed++
    const isShown = this.errors.length < shownErrors
    if (!isShown && (!isOfStore || this.#ofStore)) return
    const item = itemError(place, error())
    if (isShown) this.errors.push(item)
    if (isOfStore) this.#ofStore ??= item
  }

  /** The status of an answer that is not a problem, if not all of them failed. */
  get status(): 200 | 201 | 207 {
    if (this.failed > 0) return 207
    return this.inserted > 0 ? 201 : 200
  }

  /** Whether there were documents and none was kept: a 2xx would hide that. */
  get isNothingKept(): boolean {
    return this.failed > 0 && this.inserted + this.ignored === 0
  }

  /** The problem to answer with then: that of all items if they have the same, else the most severe. */
  nothingKept(details: ProblemDetails): Problem {
    const shown = this.#ofStore ? [...this.errors, this.#ofStore] : this.errors
    const worst = shown.reduce((left, right) => (right.status > left.status ? right : left))
    const retry = worst.status === 503 ? retryAfter : {}
    const same = this.failed > 1 && shown.every(({ code }) => code === worst.code)
    const which =
      this.failed > shownErrors ? `the first ${shownErrors} of ${this.failed}` : 'every one'
    const detail = same ? `${problems[worst.code][1]} (${which}).` : worst.detail
    return new Problem(worst.code, detail, details, retry)
  }
}

type ItemError = ReturnType<typeof itemError>

function itemError(place: Readonly<Record<string, number>>, error: unknown) {
  const problem = error instanceof Problem ? error : new Problem('internal', 'See the log.')
  const { status, code, message: detail, details } = problem
  return { ...details, ...place, status, code, detail }
}
