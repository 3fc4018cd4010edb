// One document as a line of NDJSON: its _id, and whether an import would take it.
import { invalidId } from '../src/codec/document-id.ts'

// The beginning of a document whose _id is a text, as the service writes it: 256 bytes of it may be
// escaped to six times that.
const textFirst = /^\{"_id":("(?:[^"\\]|\\.)*")/
const longestBeginning = 2048

/** The _id of the document, undefined if it has none or the line is not a JSON object. */
export function idOf(line: Uint8Array): unknown {
  const [, first] = textFirst.exec(beginningOf(line)) ?? []
  return first === undefined ? member(parsed(line), '_id') : parsed(Buffer.from(first))
}

/** What identifies the line: the JSON of an _id that is a text, else its beginning. */
export function idTextOf(line: Uint8Array): string {
  const beginning = beginningOf(line)
  return textFirst.exec(beginning)?.[1] ?? beginning
}

/** The setting with which a service accepts a line of this many bytes. */
export const settingFor = (bytes: number): string => `MAX_BODY=${Math.ceil(bytes / 2 ** 20)}MiB`

/**
 * Why an import does not take the document, undefined if it does. Another program may have put
 * documents into the database that JSON cannot give back: dates, binary data, an _id that is a number.
 */
export function whyRefused(line: Uint8Array): string | undefined {
  const id = idOf(line)
  if (typeof id !== 'string') return 'its _id is not a text'
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength)
  // Inside a string the quote has a backslash before it, so this is a key or a text of an array.
  const suspect = text.includes('{"$') || text.includes(',"$')
  return suspect && hasOperator(parsed(line)) ? 'it has values that JSON lacks' : invalidId(id)
}

/** Whether a key begins with `$`, at any depth: those of MongoDB's Extended JSON do. */
function hasOperator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, inner]) => (key.startsWith('$') && !Array.isArray(value)) || hasOperator(inner),
  )
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const beginningOf = (line: Uint8Array): string =>
  Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8', 0, longestBeginning)

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line).toString())
  } catch {
    return undefined
  }
}
