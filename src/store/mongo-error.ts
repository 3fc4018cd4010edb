// What the driver's errors and the server's codes mean for a request, and what to do.
import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { StoreError } from './store-error.ts'

export const duplicateKey = 11000

const outOfDiskSpace = 14031
// CommandNotFound, CommandNotSupported, NotImplemented (FerretDB)
const unsupported = new Set([59, 115, 238])

// They pass: the driver's retryable errors, and a server that stops or steps down (mongodb/specifications,
// retryable-writes).
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
  // No connection, no server in time, no answer, a closed pool. An error of the socket itself comes unwrapped if it
  // hits a write (driver 7.9.0).
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

// Nothing here names a host, a user or a file: clients read it. The log has the driver's words.
const causes: readonly (readonly [says: RegExp, means: string])[] = [
  [
    /^(18|11|8000) |authentication failed/i,
    'Authentication failed at the database: the user, the password or authSource is wrong. authSource is the database that has the user (admin).',
  ],
  [
    /^13 .*requires authentication/i,
    'The database asks for a log-in: set USER_NAME and USER_PWD, or put them into MONGODB_URI.',
  ],
  [/^13 /, 'The user may not do this at the database: it needs the role readWrite on DB_NAME.'],
  [/^noReplicaSet /, 'The database is not a member of the replica set that replicaSet names.'],
  [
    /^(ENOENT|EACCES) .*open/,
    'A file that the connection string names (tlsCAFile, ...) cannot be read.',
  ],
  [/^CERT_HAS_EXPIRED /, 'The certificate of the database has expired.'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID /,
    'The certificate of the database is for a host name other than that in the connection string.',
  ],
  [
    /^(UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|CERT_)/,
    'The certificate of the database is not signed by a trusted authority: tlsCAFile must name a PEM file with the certificate of its authority.',
  ],
  [
    /^ECONNRESET |secure TLS connection|wrong version number|^EPROTO |connection .* closed/,
    'The database closes the connection before it answers: TLS may be on at only one side (tls=true).',
  ],
  [/^(ENOTFOUND|EAI_AGAIN|ENODATA) /, 'The host name of the database is not known.'],
  [/^ECONNREFUSED /, 'Nothing listens at the address of the database.'],
]

// Undefined if there is nothing more to say.
function causeOf(error: unknown): string | undefined {
  // Lost in the middle of a request: only the next attempt to connect knows why.
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined
  if (error instanceof MongoNetworkError || syscall === 'read' || syscall === 'write')
    return undefined
  const text = rootText(error)
  return causes.find(([says]) => says.test(text))?.[1]
}

// The code and the message of the innermost cause.
function rootText(error: unknown): string {
  if (error instanceof MongoServerSelectionError && error.reason) {
    const { servers, setName } = error.reason
    if (setName && servers.size === 0) return 'noReplicaSet '
    for (const server of servers.values()) if (server.error) return rootText(server.error)
  }
  if (!(error instanceof Error)) return ''
  if (error.cause !== undefined && !(error instanceof MongoServerError))
    return rootText(error.cause)
  const code = 'code' in error ? String(error.code) : ''
  return `${code} ${error.message}`
}
