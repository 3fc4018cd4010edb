// Reads request bodies: whole and bounded in size, time and sum, or chunk by chunk.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { turnWithTime } from '../fair-turns.ts'
import { quoted } from '../shown-text.ts'
import type { BodyAccount, BodyBudget } from './body-budget.ts'
import type { Exchange } from './exchange.ts'
import { Gathered } from './gather-bytes.ts'
import { parseContentType } from './media-type.ts'
import { Problem, type ProblemCode } from './problem.ts'
import { type BodyReading, receiveBody } from './receive-body.ts'
import { acceptHeader } from './route.ts'

export interface BodyLimits {
  /** Bytes of one body. */
  readonly maxBytes: number
  readonly budget: BodyBudget
  /** Milliseconds after which a body must have kept the least rate. */
  readonly grace?: number
}

// Bytes of a body that the route has no use for. Nobody sends more by mistake.
const maxUnused = 64 * 1024
// Bytes that wait for their reader before reading from the socket stops.
const blockBytes = 32 * 1024
// Bytes read at the first turn: Linux keeps less of a socket that nobody reads, 64 to 128 KiB.
const beginningBytes = 256 * 1024
// Milliseconds at least, and twice as many at most, until a body is refused that finds no room or gives way. 1,000 clients
// refused at once came again at once, and a new connection waited 0.45 s for those before it; now 0.2.
const refusalDelay = 1_000
const delayedCodes: ReadonlySet<ProblemCode> = new Set(['overloaded', 'request_timeout'])
// Chunks of at least this many bytes go to the reader as they are: joined, each byte was copied twice, and 200 MB
// left 20 MiB more in memory until they were collected.
const largeChunk = 4 * 1024

/**
 * The media type of the body, one of `accepted`.
 * @throws Problem `length_required` without a body, `unsupported_media_type` for any other type,
 * charset or encoding
 */
export function bodyType({ request }: Exchange, accepted: readonly string[]): string {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    throw new Problem('length_required', 'Send a body, with Content-Length or chunked.')
  }
  if (headers['content-range'] !== undefined) {
    const detail =
      'Content-Range would make this part of a document; send all of it (RFC 9110, 14.5).'
    throw new Problem('bad_request', detail)
  }
  const { type, charset } = parseContentType(headers['content-type'])
  const accept = { [acceptHeader(request.method)]: accepted.join(', ') }
  const fail = (detail: string) => new Problem('unsupported_media_type', detail, {}, accept)
  if (!accepted.includes(type)) {
    const given = type === '' ? 'none' : quoted(type)
    const how = accepted[0] === 'application/json' && isSentUnasked(type) ? sendJson : ''
    throw fail(`Send ${accepted.join(' or ')} as Content-Type; this body has ${given}.${how}`)
  }
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw fail(`JSON is UTF-8 (RFC 8259); this body says charset=${quoted(charset)}.`)
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw fail(`Send the body without Content-Encoding; this one has ${quoted(encoding)}.`)
  }
  return type
}

// What curl and PowerShell send by default.
const isSentUnasked = (type: string) => type === '' || type === 'application/x-www-form-urlencoded'
const sendJson =
  " curl: -H 'Content-Type: application/json'; PowerShell: -ContentType application/json. Both say that they send a form by default."

// What a body of this size asks for takes less time than to wait for a turn.
const shortBody = 256

/**
 * Reads the whole body and hands it to `use`; its bytes count against the budget until that is done.
 * What `use` makes of it may count as well, by `reserve`.
 * @throws Problem `body_too_large`, `overloaded` or `request_timeout`; ClientGone
 */
export async function withBody<T>(
  exchange: Exchange,
  { maxBytes, budget, grace }: BodyLimits,
  use: (body: Buffer, reserve: (bytes: number) => void) => Promise<T> | T,
): Promise<T> {
  if (declaredBytes(exchange) > maxBytes) throw tooLarge(maxBytes)
  const account = budget.open()
  try {
    const body = await readWhole(exchange, maxBytes, account, grace)
    if (body.length > shortBody) await turnWithTime()
    return await use(body, account.add)
  } finally {
    account.close()
  }
}

/**
 * Reads an unwanted body, so that nothing is done for an incomplete request.
 * @throws Problem `body_too_large` or `request_timeout`; ClientGone
 */
export async function readUnused(exchange: Exchange): Promise<void> {
  if (declaredBytes(exchange) > maxUnused) throw tooLarge(maxUnused)
  await readWhole(exchange, maxUnused)
}

const declaredBytes = ({ request }: Exchange) => Number(request.headers['content-length'] ?? 0)

function readWhole(
  exchange: Exchange,
  maxBytes: number,
  account?: BodyAccount,
  grace?: number,
): Promise<Buffer> {
  const gathered = new Gathered(account, declaredBytes(exchange))
  return new Promise((resolve, reject) => {
    receiveBody(exchange, account, grace, {
      chunk(bytes) {
        if (gathered.size + bytes.length > maxBytes) throw tooLarge(maxBytes)
        gathered.add(bytes)
      },
      end: () => resolve(gathered.take()),
      fail(error) {
        gathered.take()
        account?.close()
        reportFailure(error, reject)
      },
    })
  })
}

function reportFailure(error: unknown, report: (error: unknown) => void): void {
  if (error instanceof Problem && delayedCodes.has(error.code)) {
    setTimeout(report, refusalDelay * (1 + Math.random()), error)
  } else report(error)
}

/** Resolves when the next piece of work may begin, with what ends it. */
export type TakeTurn = () => Promise<() => void>

/**
 * The body's chunks as they arrive; what arrives while nobody reads is joined. Reading begins in a turn, each chunk comes
 * in one, and its turn ends when the next is asked for. Leaving the loop early leaves the connection open to answer.
 * @throws Problem `overloaded` or `request_timeout`; ClientGone
 */
export async function* bodyChunks(
  exchange: Exchange,
  account: BodyAccount,
  takeTurn: TakeTurn,
  grace?: number,
): AsyncGenerator<Buffer> {
  const endFirst = await takeTurn()
  const gathered = new Gathered()
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let counted = 0
  // A gathering buffer is at most twice the size of what is in it.
  const recount = (held: number) => {
    const now = waitingBytes + 2 * gathered.size + held
    account.add(now - counted)
    counted = now
  }
  let paused = false
  let ended = false
  let failure: unknown
  let wake = () => {}
  // Not at once: Node gives each chunk of a read a turn, and each of one byte would be one for the reader too.
  const wakeLater = () => setImmediate(() => wake())
  const enqueue = (bytes: Buffer) => {
    waiting.push(bytes)
    waitingBytes += bytes.length
  }
  // What arrived before the handler ran comes before there is a `reading`.
  let reading: BodyReading | undefined
  reading = receiveBody(exchange, account, grace, {
    chunk(bytes) {
      if (waitingBytes + gathered.size === 0) wakeLater()
      if (bytes.length < largeChunk) gathered.add(bytes)
      else {
        if (gathered.size > 0) enqueue(gathered.take())
        enqueue(bytes)
      }
      recount(0)
      if (waitingBytes + gathered.size >= blockBytes && !paused) {
        paused = true
        reading?.pause()
      }
    },
    end() {
      ended = true
      wakeLater()
    },
    fail(error) {
      reportFailure(error, (reason) => {
        failure = reason
        wakeLater()
      })
    },
  })
  if (paused) reading.pause()
  // A socket that waits to be read says neither that its client has reset it, which a write of nothing meets, nor
  // that it has ended. Two turns: the first may come before the system is asked.
  const expectClient = async (maxBytes: number) => {
    exchange.request.socket.write('')
    if (paused && waitingBytes < maxBytes) {
      paused = false
      reading.resume()
    }
    await nextTurn()
    await nextTurn()
    if (failure !== undefined) throw failure
  }
  const readBeginning = async () => {
    for (let before = -1; before < reading.received && reading.received < beginningBytes; ) {
      before = reading.received
      await expectClient(beginningBytes)
    }
  }
  try {
    await readBeginning().finally(endFirst)
    for (;;) {
      if (failure !== undefined) throw failure
      if (waiting.length === 0 && gathered.size > 0) enqueue(gathered.take())
      const chunk = waiting.shift()
      if (chunk) {
        waitingBytes -= chunk.length
        recount(chunk.length)
        const endTurn = await takeTurn()
        try {
          if (paused) await expectClient(blockBytes)
          yield chunk
        } finally {
          endTurn()
        }
      } else if (ended) return
      else if (paused) {
        paused = false
        reading.resume()
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    reading.stop()
  }
}

const tooLarge = (maxBytes: number) =>
  new Problem(
    'body_too_large',
    `A body of this media type may have ${maxBytes} bytes. Send more documents as application/x-ndjson.`,
    { maxBytes },
  )
