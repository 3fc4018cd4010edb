// Where in the text of a form a problem lies: by its line and column, or by its JSON Pointer.
import { nextPiece } from '../fair-turns.ts'
import type { Problem } from '../http/problem.ts'
import { JsonTokens } from './json-tokens.ts'

// Characters that are looked through in one turn of the event loop: 1 ms.
const pieceLength = 64 * 1024

export interface FaultPlace {
  /** In UTF-16 units, as a text area counts. */
  readonly offset: number
  readonly line: number
  /** In characters, of which some have two units. */
  readonly column: number
  /** The JSON Pointer, if the problem has one. */
  readonly pointer: string | undefined
}

/**
 * The place in the text, undefined for a problem without one. Found in one pass, in constant memory and in pieces.
 */
export async function findFaultPlace(
  problem: Problem,
  text: string,
): Promise<FaultPlace | undefined> {
  const { line, column, pointer } = problem.details
  if (typeof line === 'number' && typeof column === 'number') {
    return { offset: offsetAt(text, line, column), line, column, pointer: undefined }
  }
  if (typeof pointer !== 'string') return undefined
  // The parser stops at the second of two equal keys; everything else is where it first occurs.
  const offset = await offsetOfPointer(text, pointer, problem.code === 'duplicate_key' ? 2 : 1)
  return offset === undefined ? undefined : { offset, ...lineAt(text, offset), pointer }
}

function offsetAt(text: string, line: number, column: number): number {
  let at = 0
  for (let left = line - 1; left > 0; left--) at = text.indexOf('\n', at) + 1
  for (let left = column - 1; left > 0 && at < text.length; left--) at += unitsAt(text, at)
  return at
}

function lineAt(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let at = 0
  for (let next = nextLine(text, at); next <= offset; next = nextLine(text, at)) {
    at = next
    line++
  }
  let column = 1
  for (; at < offset; at += unitsAt(text, at)) column++
  return { line, column }
}

// Infinity for the last line.
const nextLine = (text: string, from: number) => text.indexOf('\n', from) + 1 || Infinity

const unitsAt = (text: string, at: number) => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)

/** Where the member or item with this pointer begins, at its `occurrence`-th occurrence. */
async function offsetOfPointer(
  text: string,
  pointer: string,
  occurrence: number,
): Promise<number | undefined> {
  const steps = pointer.split('/').slice(1).map(unescaped)
  const indexes = steps.map(Number)
  // A long pointer is cut in the middle of its last key (json-source.ts).
  const start =
    pointer.length > 100 && pointer.endsWith('...') ? steps.at(-1)?.slice(0, -3) : undefined
  const isKey = (key: string, level: number) =>
    key === steps[level] ||
    (start !== undefined && level === steps.length - 1 && key.startsWith(start))
  const tokens = new JsonTokens(text)
  // The index of the present item in the array of each level, -1 for an object.
  const levels: number[] = []
  // How many levels, from outside, are at the step that the pointer names. Only below those is a key
  // compared: the whole path at each token took seconds for 100 levels.
  let matched = 0
  let left = occurrence
  let last: number | undefined
  let pauseAt = pieceLength
  while (tokens.next()) {
    const { kind, at } = tokens
    if (at >= pauseAt) {
      await nextPiece()
      pauseAt = at + pieceLength
    }
    if (steps.length === 0) return at
    const level = levels.length - 1
    const item = levels[level] ?? -1
    if (kind === 'close') {
      levels.pop()
      matched = Math.min(matched, levels.length)
    } else if (kind === 'comma') {
      if (item >= 0) levels[level] = item + 1
    } else if (kind !== 'colon') {
      if (matched >= level && level >= 0 && (kind === 'key' || item >= 0)) {
        const isStep = kind === 'key' ? isKey(keyOf(tokens), level) : item === indexes[level]
        matched = isStep ? level + 1 : level
        if (isStep && matched === steps.length) {
          last = at
          if (--left === 0) return at
        }
      }
      if (kind === 'open') levels.push(text[at] === '{' ? -1 : 0)
    }
  }
  return last
}

const unescaped = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~')

function keyOf({ text, at, end }: JsonTokens): string {
  const token = text.slice(at, end)
  if (!token.includes('\\')) return token.slice(1, -1)
  try {
    const key: unknown = JSON.parse(token)
    return typeof key === 'string' ? key : ''
  } catch {
    return token.slice(1, -1)
  }
}
