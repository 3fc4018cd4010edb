// One request and its answer: what a handler gets, and the ways to answer.
import type { ServerResponse } from 'node:http'
import type { AnswerBudget, Share } from './answer-budget.ts'
import type { IncomingRequest } from './incoming-request.ts'
import type { ProblemCode } from './problem.ts'
import { type AnswerHeaders, dataSecurity } from './security-headers.ts'

export interface Exchange {
  readonly request: IncomingRequest
  readonly response: ServerResponse
  readonly requestId: string
  /** The decoded `{id}` of the path, empty if the route has none. */
  readonly id: string
  readonly query: URLSearchParams
  /** Of the answer, negotiated from what the route produces. */
  readonly mediaType: string
  /** Counts the answers that wait for their clients. */
  readonly answers: AnswerBudget
  /** For the browser of a page of another origin. Undefined if there is no setting for such pages. */
  readonly crossOrigin: AnswerHeaders | undefined
  /** The code of the problem that was answered, for the log. */
  code?: ProblemCode
}

export type Handler = (exchange: Exchange) => void | Promise<void>

// The system takes this much at once; it need not wait in our memory.
const smallAnswer = 32 * 1024
// A client that reads 4 kB a second takes one in 4 s, so it never seems to have stopped for 5.
const pieceBytes = 16 * 1024

/** Writes the head of an answer. The `sets` of headers have no name in common. */
export function writeHead(
  { response, requestId, crossOrigin }: Exchange,
  status: number,
  ...sets: readonly AnswerHeaders[]
): ServerResponse {
  // Names and values in turn, which Node takes too: to make one object of the sets took 1 % of `GET /`.
  const list = ['X-Request-Id', requestId]
  for (const set of sets) {
    for (const name in set) list.push(name, set[name] ?? '')
  }
  if (crossOrigin) joinHeaders(list, crossOrigin)
  return response.writeHead(status, list)
}

// Both may have a Vary.
function joinHeaders(list: string[], set: AnswerHeaders): void {
  for (const [name, value] of Object.entries(set)) {
    const place = list.indexOf(name)
    if (place < 0) list.push(name, value)
    else list[place + 1] += `, ${value}`
  }
}

/**
 * Sends a whole answer. `security` is stricter for data than for a page. HEAD gets the headers alone.
 * @throws Problem `overloaded` if a large answer has no room among those that wait for their clients
 */
export function send(
  exchange: Exchange,
  status: number,
  body: string | Uint8Array,
  headers: AnswerHeaders = {},
  type: string = exchange.mediaType,
  security: AnswerHeaders = dataSecurity,
): void {
  const { request, response, answers } = exchange
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  const isHead = request.method === 'HEAD'
  const share = length > smallAnswer && !isHead ? answers.admit(response, length) : undefined
  const content = { 'Content-Type': type, 'Content-Length': String(length) }
  writeHead(exchange, status, content, security, headers)
  if (share) sendInPieces(response, share, typeof body === 'string' ? Buffer.from(body) : body)
  else response.end(isHead ? undefined : body)
}

// So that the budget sees whether the client takes any: written at once, an answer of 16 MiB looked the same for a
// client that did not.
function sendInPieces(response: ServerResponse, share: Share, body: Uint8Array): void {
  let at = 0
  const next = () => {
    if (response.destroyed) return
    const piece = body.subarray(at, at + pieceBytes)
    at += pieceBytes
    share.noteProgress()
    share.setBufferedBytes(body.byteLength)
    if (at >= body.byteLength) response.end(piece)
    else response.write(piece, next)
  }
  next()
}

/** Sends an answer without a body (204, 304). */
export function sendEmpty(
  exchange: Exchange,
  status: number,
  headers: AnswerHeaders = {},
  security: AnswerHeaders = dataSecurity,
): void {
  writeHead(exchange, status, security, headers).end()
}

// JSON's registration has no charset, but Windows PowerShell 5.1 reads an answer without one as Latin-1.
export const jsonType = 'application/json; charset=utf-8'

/** Sends a value as JSON. */
export function sendJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: AnswerHeaders = {},
): void {
  send(exchange, status, `${JSON.stringify(value)}\n`, headers, jsonType)
}
