// What the driver's errors and the server's codes mean for a request.
import { MongoError, MongoServerError } from 'mongodb'
import { causeOf } from './mongo-cause.ts'
import { StoreError } from './store-error.ts'

export const duplicateKey = 11000

const outOfDiskSpace = 14031
// CommandNotFound, CommandNotSupported, NotImplemented (FerretDB)
const unsupported = new Set([59, 115, 238])

// From the driver's own list of retryable errors, and the codes of a server that stops or steps
// down (mongodb/specifications, retryable-writes). They pass.
const passing = new Set([
  6, 7, 50, 89, 91, 134, 189, 202, 262, 317, 358, 384, 9001, 10058, 10107, 11600, 11602, 13388,
  13435, 13436,
])

/** The StoreError for whatever the driver threw; its message says what an operator can do. */
export function mongoError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const cause = causeOf(error)
  if (cause !== undefined) return new StoreError('unavailable', cause, error)
  if (error instanceof MongoServerError) return serverError(error)
  // Not the server's: no connection, no server in time, an answer that did not come, a closed pool. An
  // error of the socket itself comes unwrapped if it hits a write (driver 7.9.0).
  return error instanceof MongoError || (error instanceof Error && 'syscall' in error)
    ? new StoreError('unavailable', 'The database does not answer.', error)
    : new StoreError('failed', 'The store failed.', error)
}

// A server's message may contain the whole document.
const maxMessage = 200

function serverError(error: MongoServerError): StoreError {
  const code = typeof error.code === 'number' ? error.code : 0
  if (code === outOfDiskSpace) return new StoreError('full', 'The database’s disk is full.', error)
  const labels = ['RetryableWriteError', 'TransientTransactionError']
  if (passing.has(code) || labels.some((label) => error.hasErrorLabel(label))) {
    return new StoreError('unavailable', 'The database does not answer.', error)
  }
  return new StoreError('refused', error.message.slice(0, maxMessage), error)
}

/** Whether the server says that it does not know a command, or a part of one. */
export function isUnsupported({ cause }: StoreError): boolean {
  return cause instanceof MongoServerError && unsupported.has(Number(cause.code))
}
