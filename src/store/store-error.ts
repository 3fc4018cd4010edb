// Why a store could not do what it was asked, whichever request it was.

/**
 * `unavailable` and `overloaded` pass with time, `full` when somebody makes room; `refused` will be refused again;
 * `failed` is a fault of our own.
 */
export type StoreFault = 'unavailable' | 'overloaded' | 'full' | 'refused' | 'failed'

/** The message is for whoever asked. The cause is for the log. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly fault: StoreFault

  constructor(fault: StoreFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.fault = fault
  }
}

/** A document has a value that another one has, and an index allows it once. */
export class DuplicateValue extends StoreError {
  readonly path: readonly string[]

  constructor(path: readonly string[]) {
    super('refused', 'Another document has the same value.')
    this.path = path
  }
}

// Calls that may wait in one queue of a store: each holds at least one request.
const maxWaiting = 10_000

/** @throws StoreError `overloaded` if 10,000 wait already */
export function expectRoom(waiting: number, what: 'reads' | 'writes'): void {
  if (waiting >= maxWaiting) throw tooManyCalls(what)
}

/** The error for a call whose turn does not come. */
export const tooManyCalls = (what: 'reads' | 'writes'): StoreError =>
  new StoreError('overloaded', `Too many ${what} at the same time.`)

/** The error for a conditional write that others came before each time. */
export const changedTooFast = () =>
  new StoreError('overloaded', 'The document changes faster than it can be compared.')
