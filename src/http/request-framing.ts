// Whether a request is framed and addressed as HTTP asks, before anything is done for it.
import type { IncomingMessage } from 'node:http'
import { quoted } from '../shown-text.ts'
import { Problem } from './problem.ts'

/**
 * Header fields of a request, as Apache has it: 1,500 in each of 11,500 heads ended the process. Node refuses more since
 * 24.18.1 and 26.5.1; before, it dropped them (nodejs/node#61284), perhaps a condition among them.
 */
export const maxFields = 100

// RFC 9110, section 7.2: a host and a port, and nothing of a path, a query or a user.
const hostForm = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/**
 * Checks what Node's parser leaves to the server.
 * @throws Problem `headers_too_large`, `bad_request` or `expectation_failed`
 */
export function checkFraming(request: IncomingMessage): void {
  const { headers, httpVersion, rawHeaders } = request
  const { host } = headers
  if (rawHeaders.length > 2 * maxFields) {
    throw new Problem('headers_too_large', `The request has more than ${maxFields} header fields.`)
  }
  if (host === undefined && httpVersion !== '1.0') {
    throw new Problem('bad_request', 'HTTP/1.1 asks for a Host header (RFC 9112, section 3.2).')
  }
  if (host !== undefined && !hostForm.test(host)) {
    throw new Problem('bad_request', `The Host header ${quoted(host)} names no host.`)
  }
  refuseSecond(rawHeaders, 'Host')
  if (headers['content-type'] !== undefined) refuseSecond(rawHeaders, 'Content-Type')
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw new Problem('expectation_failed', 'Only Expect: 100-continue is supported.')
  }
  // With any other the body's end cannot be known (RFC 9112, section 6.3), which Node's parser notices too late.
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw new Problem(
      'bad_request',
      `Send the body chunked or with a Content-Length; Transfer-Encoding ${quoted(coding)} is not supported.`,
    )
  }
}

/** Whether the request has a body, even an empty one. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0')

// Node keeps the first of two and drops the second; either may be meant.
function refuseSecond(rawHeaders: readonly string[], name: string): void {
  const wanted = name.toLowerCase()
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? ''
    if (raw.length === name.length && raw.toLowerCase() === wanted && ++count === 2) {
      throw new Problem('bad_request', `The request has two ${name} headers.`)
    }
  }
}
