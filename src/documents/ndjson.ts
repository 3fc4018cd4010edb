// Newline-delimited JSON: a line a document, out of chunks that end anywhere.

export const ndjson = 'application/x-ndjson'

export interface Line {
  /** From 1, blank lines counted. */
  readonly number: number
  /** Without its line end. Valid until the next line is asked for. */
  readonly bytes: Uint8Array
}

/** A line has more bytes than it may; what follows cannot be told apart. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
  readonly line: number
  constructor(line: number) {
    super(`Line ${line} is too long.`)
    this.line = line
  }
}

/**
 * Cuts chunks into lines and leaves out the blank ones. Memory holds one chunk and one line;
 * `onHeld` is told how much of an unfinished line that is, and may throw.
 * @throws LineTooLong
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  onHeld: (bytes: number) => void,
): AsyncGenerator<Line> {
  let number = 0
  let parts: Buffer[] = [] // the beginning of a line whose end has not come yet
  let held = 0
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const newline = chunk.indexOf(0x0a, start)
      const end = newline < 0 ? chunk.length : newline
      if (held + end - start > maxBytes) throw new LineTooLong(number + 1)
      if (newline < 0) break
      const rest = chunk.subarray(start, end)
      const bytes = held > 0 ? Buffer.concat([...parts, rest]) : rest
      parts = []
      held = 0
      start = newline + 1
      number++
      if (!isBlank(bytes)) yield { number, bytes }
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start))
      held += chunk.length - start
    }
    onHeld(held)
  }
  const bytes = Buffer.concat(parts)
  if (!isBlank(bytes)) yield { number: number + 1, bytes }
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false
  return true
}
