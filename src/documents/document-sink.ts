// Sends the documents that a query finds, whole or only the members asked for, with flat memory.
import { pieceBytes } from '../codec/document-text.ts'
import { JsonBytes } from '../codec/json-bytes.ts'
import { nextPiece } from '../fair-turns.ts'
import { type Exchange, send } from '../http/exchange.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'
import { type Projection, project } from '../query/projection.ts'
import { createPieceStream, type SendPiece, streamBytes } from './piece-stream.ts'

/** What stands around and between documents. */
export interface Form {
  readonly open: string
  readonly between: string
  readonly close: string
  readonly empty: string
}

export interface SinkOptions {
  readonly exchange: Exchange
  readonly form: Form
  readonly projection: Projection | undefined
  readonly headers: AnswerHeaders
  readonly type: string
  /** Writes the head of an answer that is sent in pieces. */
  readonly begin: () => void
}

// Fewer bytes wait for more.
const leastPiece = 32 * 1024

/** Takes documents one after the other. A short answer is sent whole, with its length. */
export class DocumentSink {
  readonly #options: SinkOptions
  readonly #out = new JsonBytes(4096)
  #count = 0
  #sendPiece: SendPiece | undefined

  constructor(options: SinkOptions) {
    this.#options = options
  }

  get isGone(): boolean {
    return this.#options.exchange.response.destroyed
  }

  /** Adds the document from `start` to `end`. `held`: bytes that wait with it. */
  async add(json: Buffer, start: number, end: number, held: number): Promise<void> {
    const { form, projection } = this.#options
    this.#out.text(this.#count++ === 0 ? form.open : form.between)
    if (!projection) {
      await this.#part(json, start, end, held)
      return
    }
    const parts: [Buffer, number, number][] = []
    const work = project(projection, json, start, (source, from, to) => {
      const isLarge = source === json && to - from > leastPiece
      if (isLarge || parts.length > 0) parts.push([source, from, to])
      else this.#out.copy(source, from, to)
    })
    for (let step = work.next(); !step.done; step = work.next()) await nextPiece()
    for (const [source, from, to] of parts) await this.#part(source, from, to, held)
    if (this.#out.length > pieceBytes) await this.flush(held)
  }

  /** Sends what there is, if it is enough to be worth it. */
  async flush(held: number): Promise<void> {
    if (this.#out.length < leastPiece) return
    await this.#send(this.#out.bytes, held)
    this.#out.clear()
  }

  end(): void {
    const { exchange, form, headers, type } = this.#options
    this.#out.text(this.#count === 0 ? form.empty : form.close)
    const rest = this.#out.bytes
    if (this.#sendPiece) exchange.response.end(rest)
    else send(exchange, 200, rest, headers, type)
  }

  async #part(source: Buffer, from: number, to: number, held: number): Promise<void> {
    if (to - from <= leastPiece) {
      this.#out.copy(source, from, to)
      if (this.#out.length > pieceBytes) await this.flush(held)
      return
    }
    await this.#send(this.#out.bytes, held)
    this.#out.clear()
    for (let at = from; at < to; at += pieceBytes) {
      await this.#send(source.subarray(at, Math.min(at + pieceBytes, to)), held)
      await nextPiece()
    }
  }

  async #send(piece: Buffer, held: number): Promise<void> {
    if (piece.length === 0) return
    const { exchange, begin } = this.#options
    if (!this.#sendPiece) {
      const share = exchange.answers.admit(exchange.response, streamBytes + piece.length + held)
      begin()
      this.#sendPiece = createPieceStream(exchange.response, share)
    }
    await this.#sendPiece(piece, streamBytes + held)
  }
}
