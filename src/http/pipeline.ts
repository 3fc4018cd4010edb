// Which requests of a connection still count: none behind an answer that is its last.
import type { ServerResponse } from 'node:http'

/**
 * Whether a request comes behind the connection's last answer, so that it must not be processed (RFC
 * 9112, section 9.6). Node takes it all the same: it may give it the socket before an older request
 * has its answer, and then ends the process by an assertion (26.10.0). `before` is the answer to
 * the request before it, if there was one.
 */
export function isBehindLast(before: ServerResponse | undefined, retiring: boolean): boolean {
  if (before === undefined) return false
  if (!before.shouldKeepAlive) return true
  // Every answer of a shutdown is a last one, and one to HTTP/1.0 that has no length ends with it.
  const isLast = retiring || before.req.httpVersion === '1.0'
  return isLast && !before.writableFinished
}
