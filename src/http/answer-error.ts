// Turns whatever a handler threw into an answer, or cuts the connection if an answer has begun.
import { type Exchange, writeHead } from './exchange.ts'
import { errorFields, type Log } from './log.ts'
import { Problem, problemBody, problemType } from './problem.ts'
import { ClientGone } from './receive-body.ts'
import { dataSecurity } from './security-headers.ts'

const linger = 2_000

/**
 * Answers with the problem. Anything that is not a `Problem` is our own fault: it is logged in full, and the client
 * learns only the request's id.
 */
export async function answerError(exchange: Exchange, error: unknown, log: Log): Promise<void> {
  const { request, response, requestId } = exchange
  if (error instanceof ClientGone || response.destroyed) {
    response.destroy()
    return
  }
  if (!(error instanceof Problem)) {
    log.error('a handler failed', { reqId: requestId, ...errorFields(error) })
  } else if (error.status >= 500) {
    const { code, cause } = error
    const why = cause instanceof Error ? cause.message : error.message
    log.warn('a request failed', { reqId: requestId, code, why })
  }
  if (response.headersSent) {
    // Never a valid-looking end: the client must see that the answer is cut.
    response.destroy()
    return
  }
  const problem =
    error instanceof Problem ? error : new Problem('internal', 'See the log of the service.')
  exchange.code = problem.code
  const body = problemBody(problem, requestId)
  const unread = !request.complete
  // If the framing is in doubt, it is unknown where the next request begins.
  if (unread || problem.code === 'bad_request') response.shouldKeepAlive = false
  const length = String(Buffer.byteLength(body))
  const content = { 'Content-Type': problemType, 'Content-Length': length }
  writeHead(exchange, problem.status, content, dataSecurity, problem.headers)
  const text = request.method === 'HEAD' ? '' : body
  // A client that waits for 100 Continue sends nothing until then.
  if (unread && !request.isBroken && request.headers.expect === undefined) {
    // Closing with unread bytes in the socket resets it, and the client may lose the answer.
    response.write(text)
    request.discard()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, linger)
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      request.once('end', done).once('close', done)
    })
    response.end()
  } else {
    // Head and body in one write: apart they made a 404 a tenth slower.
    response.end(text)
  }
}
