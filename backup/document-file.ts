// The file of an import: its bytes, or what it is instead of one document per line.
import { createReadStream } from 'node:fs'
import { UsageError } from '../command-line/read-options.ts'
import { reasonOf } from './service.ts'

/** `lines`: one document per line. `any`: the reader finds out. */
type Layout = 'lines' | 'any'

const blank = /^[ \t\r\n]*/
// Enough to tell what it is.
const beginningBytes = 4096

/**
 * The chunks of the file, without a byte order mark; `-` is standard input.
 * @throws UsageError if it cannot be read or is of another kind
 */
export async function* documentFile(file: string, layout: Layout): AsyncGenerator<Buffer> {
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 18 })
  let beginning: Buffer | undefined = Buffer.alloc(0)
  try {
    for await (const chunk of input) {
      if (beginning === undefined) yield chunk
      else {
        beginning = Buffer.concat([beginning, chunk])
        if (beginning.length < beginningBytes) continue
        yield checked(file, beginning, layout)
        beginning = undefined
      }
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file} cannot be read (${reasonOf(error)})`)
  }
  if (beginning !== undefined) yield checked(file, beginning, layout)
}

/** The beginning without its byte order mark. @throws UsageError if it is of another kind */
function checked(file: string, bytes: Buffer, layout: Layout): Buffer {
  const hex = bytes.toString('hex', 0, 4)
  if (hex.startsWith('1f8b')) {
    const way = `gunzip -c ${file} | npm run --silent import -- -`
    throw new UsageError(`${file} is compressed: ${way}`)
  }
  if (/^(?:fffe|feff|..00)/.test(hex)) {
    const way = 'PowerShell’s > writes that; let the export write the file itself'
    throw new UsageError(`${file} is UTF-16, and JSON is UTF-8. ${way}`)
  }
  const rest = hex.startsWith('efbbbf') ? bytes.subarray(3) : bytes
  if (layout === 'any') return rest
  const text = rest.toString('latin1', 0, beginningBytes).replace(blank, '')
  if (text.startsWith('[')) {
    const way = `jq -c '.[]' ${file} > documents.ndjson`
    throw new UsageError(
      `${file} is a JSON array, and an import reads one document per line: ${way}`,
    )
  }
  if (/^\{[ \t]*\r?\n/.test(text)) {
    const way = `jq -c . ${file} > documents.ndjson`
    throw new UsageError(
      `${file} has documents of several lines, and an import reads one per line: ${way}`,
    )
  }
  return rest
}
