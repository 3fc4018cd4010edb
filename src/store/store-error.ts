// Why a store could not do what it was asked, whatever the request was.

/**
 * `unavailable` and `overloaded` pass with time; `full` needs somebody to make room; `refused` will be
 * refused again; `failed` is a fault of the service's own.
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
