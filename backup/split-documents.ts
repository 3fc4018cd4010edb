// The documents of a file, however they are laid out: one per line, over several lines, or in one array.

/** A document as it is in the file. */
interface FileDocument {
  /** The line on which it begins, from 1. */
  readonly number: number
  readonly bytes: Buffer
}

const [open, close, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d]
const [quote, backslash, newline] = [0x22, 0x5c, 0x0a]

/**
 * Splits the text into its objects. Whatever is between them, other than the brackets of one array, commas and space,
 * is passed on as a document, so that the service says what is wrong with it.
 */
export async function* splitDocuments(
  chunks: AsyncIterable<Buffer>,
  longest: number,
): AsyncGenerator<FileDocument> {
  let line = 1
  let begun = 0
  let depth = 0
  let isText = false
  let isEscaped = false
  let parts: Buffer[] = []
  let length = 0
  const taken = (): FileDocument => {
    const bytes = Buffer.concat(parts)
    parts = []
    length = 0
    return { number: begun, bytes }
  }
  for await (const chunk of chunks) {
    let from = depth > 0 ? 0 : -1
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === newline) line++
      if (isText) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote) isText = false
      } else if (depth > 0 && byte === quote) isText = true
      else if (byte === open || (depth > 0 && byte === openList)) {
        if (depth++ > 0) continue
        from = at
        begun = line
      } else if (depth > 0 && (byte === close || byte === closeList)) {
        if (--depth > 0) continue
        parts.push(chunk.subarray(from, at + 1))
        yield taken()
        from = -1
      } else if (depth === 0 && byte !== undefined && !isBetween(byte)) {
        // To the end of the line, or of the chunk.
        const end = chunk.indexOf(newline, at)
        begun = line
        parts.push(chunk.subarray(at, end < 0 ? chunk.length : end))
        yield taken()
        if (end < 0) break
        at = end - 1
      }
    }
    if (from < 0) continue
    // The chunk may be used again by whoever reads the file.
    parts.push(Buffer.from(chunk.subarray(from)))
    length += chunk.length - from
    if (length > longest)
      throw new Error(`the document at line ${begun} has no end in ${length} bytes`)
  }
  if (parts.length > 0) yield taken()
}

const isBetween = (byte: number) =>
  byte <= 0x20 || byte === 0x2c || byte === openList || byte === closeList
