// Why the database cannot be used, in a sentence that says what to do: for log, probe and problem alike.
import { MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb'

// Nothing here names a host, a user or a file: clients read it too. The log has the driver's own words.
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
  [/^ENOENT .*open/, 'A file that the connection string names (tlsCAFile, ...) cannot be read.'],
  [/^EACCES .*open/, 'A file that the connection string names (tlsCAFile, ...) cannot be read.'],
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

/** The sentence for an error of the driver, or undefined if there is nothing more to say. */
export function causeOf(error: unknown): string | undefined {
  // A connection that is lost in the middle of a request: only the next attempt to connect knows why.
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
