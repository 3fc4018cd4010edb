// Where in a JSON text something is wrong: line and column, and the JSON Pointer of a value.
import { Problem } from '../http/problem.ts'

/**
 * The problem `invalid_json` for the byte at `offset`. The text begins with line `firstLine`;
 * columns count characters, from 1.
 */
export function syntaxProblem(
  bytes: Buffer,
  offset: number,
  end: number,
  firstLine: number,
): Problem {
  const before = bytes.subarray(0, offset)
  const line = before.filter((byte) => byte === 0x0a).length + firstLine
  const column = [...before.subarray(before.lastIndexOf(0x0a) + 1).toString()].length + 1
  if (offset >= end) {
    const detail = `The JSON text ends too early, at line ${line}, column ${column}.`
    return new Problem('invalid_json', detail, { line, column })
  }
  const found = [...bytes.subarray(offset, offset + 4).toString()][0] ?? ''
  const detail = `Unexpected ${JSON.stringify(found)} at line ${line}, column ${column}.`
  return new Problem('invalid_json', detail, { line, column })
}

/** A JSON Pointer (RFC 6901) from keys and indexes, outermost first. */
export const jsonPointer = (steps: readonly (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The text of the JSON string that begins at `offset`, for a message; well-formed or not. */
export function stringAt(bytes: Buffer, offset: number): string {
  let end = offset + 1
  while (end < bytes.length && bytes[end] !== 0x22) end += bytes[end] === 0x5c ? 2 : 1
  try {
    const text: unknown = JSON.parse(bytes.subarray(offset, end + 1).toString())
    return typeof text === 'string' ? text : ''
  } catch {
    return bytes.subarray(offset + 1, end).toString()
  }
}
