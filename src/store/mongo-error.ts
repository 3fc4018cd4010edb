// What the driver's errors and the server's codes mean for a request.
import { MongoError, MongoServerError } from 'mongodb'
import { StoreError } from './store-error.ts'

export const duplicateKey = 11000

const outOfDiskSpace = 14031
const unauthorized = new Set([13, 18, 8000])

// From the driver's own list of retryable errors, and the codes of a server that stops or steps
// down (mongodb/specifications, retryable-writes). They pass.
const passing = new Set([
  6, 7, 50, 89, 91, 134, 189, 202, 262, 317, 358, 384, 9001, 10058, 10107, 11600, 11602, 13388,
  13435, 13436,
])

/** The StoreError for whatever the driver threw. */
export function mongoError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  if (error instanceof MongoServerError) return serverError(error)
  // Not the server's: no connection, no server in time, an answer that did not come, a closed pool. An
  // error of the socket itself comes as it is where it meets a write (driver 7.9.0).
  return error instanceof MongoError || (error instanceof Error && 'syscall' in error)
    ? new StoreError('unavailable', 'The database does not answer.', error)
    : new StoreError('refused', 'The store failed.', error)
}

function serverError(error: MongoServerError): StoreError {
  const code = typeof error.code === 'number' ? error.code : 0
  if (code === outOfDiskSpace) return new StoreError('full', 'The database’s disk is full.', error)
  if (unauthorized.has(code)) {
    return new StoreError('unavailable', 'The database does not let the service in.', error)
  }
  const labels = ['RetryableWriteError', 'TransientTransactionError']
  if (passing.has(code) || labels.some((label) => error.hasErrorLabel(label))) {
    return new StoreError('unavailable', 'The database does not answer.', error)
  }
  return new StoreError('refused', error.message, error)
}
