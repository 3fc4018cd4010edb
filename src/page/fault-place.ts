// Where in the text of a form a problem lies: by its line and column, or by its JSON Pointer.
import { jsonPointer } from '../documents/json-source.ts'
import type { Problem } from '../http/problem.ts'
import { jsonTokens } from './json-tokens.ts'

export interface Place {
  /** In UTF-16 units, as a text area counts. */
  readonly offset: number
  readonly line: number
  readonly column: number
  /** The JSON Pointer, where the problem has one. */
  readonly pointer: string | undefined
}

/** The place in the text, or undefined for a problem that has none there. */
export function placeOf(problem: Problem, text: string): Place | undefined {
  const { line, column, pointer } = problem.details
  if (typeof line === 'number' && typeof column === 'number') {
    return { offset: offsetAt(text, line, column), line, column, pointer: undefined }
  }
  if (typeof pointer !== 'string') return undefined
  // The parser stops at the second of two equal keys; everything else is where it first occurs.
  const offset = offsetOfPointer(text, pointer, problem.code === 'duplicate_key' ? 2 : 1)
  if (offset === undefined) return undefined
  const before = text.slice(0, offset).split('\n')
  return { offset, line: before.length, column: [...(before.at(-1) ?? '')].length + 1, pointer }
}

// Columns count characters, of which some have two units.
function offsetAt(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const inLine = [...(lines[line - 1] ?? '')].slice(0, column - 1).join('').length
  return Math.min(before + inLine, text.length)
}

interface Level {
  readonly isObject: boolean
  step: string | number
}

/** Where the member or item with this pointer begins, the `occurrence`-th time that it is there. */
function offsetOfPointer(text: string, pointer: string, occurrence = 1): number | undefined {
  const levels: Level[] = []
  let left = occurrence
  let last: number | undefined
  const found = (at: number) => {
    if (jsonPointer(levels.map(({ step }) => step)) !== pointer) return false
    last = at
    return --left === 0
  }
  const tokens = jsonTokens(text)
  if (pointer === '') return tokens[0]?.at
  for (const { kind, text: piece, at } of tokens) {
    const level = levels.at(-1)
    if (kind === 'close') levels.pop()
    else if (kind === 'comma') {
      if (level && typeof level.step === 'number') level.step++
    } else if (kind === 'key') {
      if (level) level.step = unquoted(piece)
      if (found(at)) return at
    } else if (kind !== 'colon') {
      if (level && !level.isObject && found(at)) return at
      if (kind === 'open') levels.push({ isObject: piece === '{', step: piece === '{' ? '' : 0 })
    }
  }
  return last
}

function unquoted(token: string): string {
  try {
    const key: unknown = JSON.parse(token)
    return typeof key === 'string' ? key : ''
  } catch {
    return token.slice(1, -1)
  }
}
