// The answer to what is no HTTP request at all: refused by Node's parser before a request exists.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Problem, type ProblemCode, problemBody } from './problem.ts'
import { dataSecurity } from './security-headers.ts'

const byNodeCode: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The request line and headers are over 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body_too_large', 'The chunk extensions are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The headers did not arrive in time.'],
}

// Node tells of every chunk behind the first fault.
const closing = new WeakSet<Duplex>()

const securityLines = dataSecurity
  .map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
  .join('')

/**
 * For the server's `clientError`: answers where the socket can still carry an answer. `newest` is the
 * newest response of that socket.
 */
export function answerClientError(
  error: Error,
  socket: Duplex,
  newest: ServerResponse | undefined,
): void {
  const nodeCode = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (nodeCode === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  if (newest && !newest.writableFinished && newest.req.complete) {
    // The fault is behind a whole request whose answer is under way. That one must not be mistaken
    // for the other, and is the last.
    if (closing.has(socket)) return
    closing.add(socket)
    newest.shouldKeepAlive = false
    newest.once('finish', () => socket.end())
    return
  }
  if (newest?.headersSent && !newest.writableFinished) {
    socket.destroy()
    return
  }
  const [code, detail] = byNodeCode[nodeCode] ?? ['bad_request', error.message]
  const problem = new Problem(code, detail)
  const body = problemBody(problem, 'none')
  socket.end(
    `HTTP/1.1 ${problem.status} ${code}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\n${securityLines}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
