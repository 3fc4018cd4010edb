// Newline-delimited JSON: one document per line, from chunks that may end anywhere.
import { nextPiece } from '../fair-turns.ts'

export const ndjson = 'application/x-ndjson'

interface Line {
  /** From 1, blank lines counted. */
  readonly number: number
  /** Without its line end. Valid until the next line is read. */
  readonly bytes: Uint8Array
}

/** A line has too many bytes; where the next begins is unknown. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
  readonly line: number
  constructor(line: number) {
    super(`Line ${line} is too long.`)
    this.line = line
  }
}

// Bytes between two turns of the event loop, and how many of them a line costs besides its own: what the reader does
// with a line takes time too.
const pieceBytes = 32 * 1024
const lineWork = 100

/**
 * Cuts chunks into lines and leaves out the blank ones. Memory holds one chunk and one line; `onHeld` is told how
 * much of an unfinished line that is, and may throw. Many lines give way to everything else.
 * @throws LineTooLong
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  onHeld: (bytes: number) => void,
): AsyncGenerator<Line> {
  const beginning = new Beginning(maxBytes)
  let number = 0
  let work = 0
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const newline = chunk.indexOf(0x0a, start)
      const end = newline < 0 ? chunk.length : newline
      if (beginning.length + end - start > maxBytes) throw new LineTooLong(number + 1)
      const rest = chunk.subarray(start, end)
      if (newline < 0) {
        beginning.add(rest)
        break
      }
      const bytes = beginning.length > 0 ? beginning.takeWith(rest) : rest
      start = newline + 1
      number++
      work += bytes.length + lineWork
      if (!(bytes.length > pieceBytes ? await isLongBlank(bytes) : isBlank(bytes))) {
        yield { number, bytes }
      }
      if (work < pieceBytes) continue
      work = 0
      await nextPiece()
    }
    onHeld(beginning.held)
  }
  const bytes = beginning.takeWith(nothing)
  if (!(await isLongBlank(bytes))) yield { number: number + 1, bytes }
}

const nothing = Buffer.alloc(0)
const mebibyte = 1 << 20

/** The beginning of a line whose end has not come yet: one buffer, however small the chunks are. */
class Beginning {
  length = 0
  #bytes = nothing
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The memory that it takes: what nothing was written to is not there yet. */
  get held(): number {
    return Math.min(Math.ceil(this.length / mebibyte) * mebibyte, this.#bytes.length)
  }

  add(chunk: Buffer): void {
    const wanted = this.length + chunk.length
    if (wanted > this.#bytes.length) this.#grow(wanted)
    chunk.copy(this.#bytes, this.length)
    this.length = wanted
  }

  takeWith(chunk: Buffer): Buffer {
    this.add(chunk)
    const whole = this.#bytes.subarray(0, this.length)
    this.#bytes = nothing
    this.length = 0
    return whole
  }

  // Beyond 1 MiB it takes its full size at once, so that nothing large is ever copied.
  #grow(wanted: number): void {
    const length = wanted > mebibyte ? this.#maxBytes : Math.max(wanted * 2, 1024)
    const grown = Buffer.allocUnsafeSlow(Math.min(length, this.#maxBytes))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#bytes = grown
  }
}

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0d || byte === 0x09

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (!isSpace(byte)) return false
  return true
}

async function isLongBlank(bytes: Uint8Array): Promise<boolean> {
  for (let from = 0; from < bytes.length; from += mebibyte) {
    if (from > 0) await nextPiece()
    if (!isBlank(bytes.subarray(from, from + mebibyte))) return false
  }
  return true
}
