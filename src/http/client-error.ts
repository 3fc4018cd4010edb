// The answer to what is no HTTP request at all: refused by Node's parser before a request exists.
import type { Duplex } from 'node:stream'
import type { Pipeline } from './pipeline.ts'
import { Problem, type ProblemCode, problemBody } from './problem.ts'
import { dataSecurity } from './security-headers.ts'

const byNodeCode: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The request line and headers are over 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body_too_large', 'The chunk extensions are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The headers did not arrive in time.'],
}

const securityLines = dataSecurity
  .map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
  .join('')

/** For the server's `clientError`: answers where the socket can still carry an answer. */
export function answerClientError(error: Error, socket: Duplex, pipeline: Pipeline): void {
  const nodeCode = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (nodeCode === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  if (!pipeline.breakOff()) return
  const whole = pipeline.open.findLast((answer) => answer.req.complete && !answer.writableFinished)
  if (whole) {
    // The fault is behind whole requests whose answers are under way. Those must not be mistaken for
    // another, and are the last.
    if (!whole.headersSent) whole.shouldKeepAlive = false
    whole.once('finish', () => socket.end())
    return
  }
  if (pipeline.open.some(({ headersSent }) => headersSent)) {
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
