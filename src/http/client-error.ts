// The answer to what is not an HTTP request at all: Node's parser refuses it before a request exists.
import type { Duplex } from 'node:stream'
import type { Pipeline } from './pipeline.ts'
import { Problem, type ProblemCode, problemBody, problemType } from './problem.ts'
import { methods } from './route.ts'
import { type AnswerHeaders, dataSecurity } from './security-headers.ts'

const byNodeCode: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    'headers_too_large',
    'The request has more than 100 header fields, or its line and headers are over 16 KiB, or over 4 KiB while over 2,000 connections are open.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body_too_large', 'The chunk extensions are too long.'],
  HPE_INVALID_URL: [
    'bad_request',
    'The address has a character that must be percent-encoded: ü is written %C3%BC. curl does it by -G --data-urlencode.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The headers did not arrive in time.'],
}

const nodeCodeOf = (error: Error) =>
  'code' in error && typeof error.code === 'string' ? error.code : ''

/** Whether the client has closed its connection, so that there is nobody to answer. */
export const isReset = (error: Error): boolean => nodeCodeOf(error) === 'ECONNRESET'

const endsEarly = (error: Error) => nodeCodeOf(error) === 'HPE_INVALID_EOF_STATE'
const isTimeout = (error: Error) => nodeCodeOf(error) === 'ERR_HTTP_REQUEST_TIMEOUT'

/** Whether no bytes are at fault: the client has ended in the middle of a request, or sends nothing. */
export const isQuiet = (error: Error): boolean => endsEarly(error) || isTimeout(error)

/** For the first `clientError` of a connection: answers if the socket can still carry an answer. */
export function answerClientError(error: Error, socket: Duplex, pipeline: Pipeline): void {
  const nodeCode = nodeCodeOf(error)
  const [code, detail] = byNodeCode[nodeCode] ?? ['bad_request', error.message]
  const problem = new Problem(code, detail)
  // The handler of a body knows more: how many lines it has stored. One that breaks off has lost its client.
  const [first] = pipeline.open
  const isReading = first !== undefined && !first.request.complete && !endsEarly(error)
  if (isReading && first.request.failBody(problem)) return
  answerLast(problem, socket, pipeline)
}

// Milliseconds that a client has to take its last answer and close.
const lingerTime = 2_000

/** For the server's `connect`: this is not a proxy. */
export function refuseConnect(socket: Duplex, pipeline: Pipeline): void {
  socket.on('error', () => socket.destroy())
  // Node has let go of the socket: unless it is read, its end is never seen.
  socket.resume()
  socket.once('finish', () => {
    const timer = setTimeout(() => socket.destroy(), lingerTime)
    socket.once('close', () => clearTimeout(timer))
  })
  const detail = 'This service is not a proxy: CONNECT leads nowhere.'
  answerLast(new Problem('method_not_allowed', detail, {}, { Allow: methods }), socket, pipeline)
}

function answerLast(problem: Problem, socket: Duplex, pipeline: Pipeline): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const open = pipeline.open.map(({ response }) => response)
  const whole = open.findLast((answer) => answer.req.complete && !answer.writableFinished)
  if (whole) {
    // It follows complete requests whose answers are under way, which must not be mistaken for its own.
    if (!whole.headersSent) whole.shouldKeepAlive = false
    whole.once('finish', () => socket.end())
    return
  }
  if (open.some(({ headersSent }) => headersSent)) {
    socket.destroy()
    return
  }
  const body = problemBody(problem, 'none')
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.code}\r\nConnection: close\r\n` +
      `Content-Type: ${problemType}\r\n${headerLines({ ...dataSecurity, ...problem.headers })}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

const headerLines = (headers: AnswerHeaders) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
