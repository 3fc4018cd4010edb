// A path: the keys that lead to a member, and the positions in arrays that some of them may be.
import { quoted } from '../shown-text.ts'
import { invalidQuery } from './filter.ts'

/** Keys, outermost first. `["a", "0"]` is the member "0" of an object and the first element of an array. */
export type Path = readonly string[]

const maxSteps = 8
const maxBytes = 256

/** The path of a text, its keys joined by dots. @throws Refusal `invalid_query` */
export function parsePath(text: string): Path {
  const path = text.split('.')
  if (path.includes('')) {
    throw invalid(
      text,
      'has an empty step. A key that is empty, or has a dot, is reached by QUERY, in a list: ["a.b"].',
    )
  }
  return checkPath(path, text)
}

/** The same path, if it may be one. `shown`: as the client wrote it. @throws Refusal `invalid_query` */
export function checkPath(path: Path, shown: string): Path {
  if (path.length === 0) throw invalid(shown, 'has no step.')
  if (path.length > maxSteps) throw invalid(shown, `has more than ${maxSteps} steps.`)
  if (Buffer.byteLength(path.join('.')) > maxBytes) {
    throw invalid(shown, `has more than ${maxBytes} bytes.`)
  }
  for (const step of path) {
    if (step.startsWith('$')) throw invalid(shown, 'has a step that begins with $; no key does.')
    if (step.includes('\0')) throw invalid(shown, 'has a NUL; no key does.')
    if (!step.isWellFormed()) throw invalid(shown, 'has half of a surrogate pair; no key does.')
  }
  return path
}

/** The position in an array that a step can also mean, undefined if it is only a key: "00", "-1". */
export const positionOf = (step: string): number | undefined =>
  /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : undefined

const invalid = (shown: string, why: string) => invalidQuery(`The path ${quoted(shown)} ${why}`)

/** Whether it is the path of the document's own _id. */
export const isId = (path: Path): boolean => path.length === 1 && path[0] === '_id'

export const isSamePath = (left: Path, right: Path): boolean =>
  left.length === right.length && left.every((step, at) => step === right[at])
