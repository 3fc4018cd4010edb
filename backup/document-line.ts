// One document as a line of NDJSON: its _id, and whether an import would take it.

// The beginning of a document whose _id is a text, as the service writes it.
const idFirst = Buffer.from('{"_id":"')
// Between values of JSON a brace and a quote follow each other only where a key begins: inside a
// string the quote would have a backslash before it. So this is an object of Extended JSON.
const extended = Buffer.from('{"$')

/** The _id of the document, undefined where it has none or one that is no text. */
export function idOf(line: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString())
    const id: unknown = typeof value === 'object' && value !== null && Reflect.get(value, '_id')
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

/** Whether the line certainly has an _id that is a text. Cheap, and true for every exported one. */
export const hasIdFirst = (line: Uint8Array): boolean =>
  Buffer.compare(line.subarray(0, idFirst.length), idFirst) === 0

/**
 * Whether an import takes the document. Another program may have put documents into the database
 * that JSON cannot give back: dates, binary data, an _id that is a number.
 */
export const canBeImported = (line: Uint8Array): boolean =>
  hasIdFirst(line) && !Buffer.from(line.buffer, line.byteOffset, line.byteLength).includes(extended)
