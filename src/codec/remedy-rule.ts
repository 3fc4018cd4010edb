// How a way out of a text that is not JSON is chosen, and how it shows a part of the text.
import { visibleText } from '../shown-text.ts'
import type { Scene } from './json-scene.ts'

/** The scene, with a little of the text before the wrong word and from there on. */
export interface Wrong extends Scene {
  readonly ahead: string
  readonly preceding: string
}

/**
 * What to do about a text that goes on like this, perhaps only in some scenes. In a text, `$0` stands for what
 * matches, `$1` for its first part, `$q` for that part, or all of it, in double quotes, `$u` for its first character
 * as a code, and `$c` for what closes all that is open.
 */
export type Rule = readonly [
  look: RegExp,
  remedy: string | ((match: string, wrong: Wrong) => string),
  when?: (wrong: Wrong) => boolean,
]

/** The remedy of the first rule that fits. */
export function firstRemedy(rules: readonly Rule[], wrong: Wrong): string | undefined {
  for (const [look, remedy, when] of rules) {
    const match = look.exec(wrong.ahead)
    if (!match || when?.(wrong) === false) continue
    const [whole, part = whole] = match
    if (typeof remedy === 'function') return remedy(whole, wrong)
    const parts = {
      $0: abbreviateSource(whole),
      $1: abbreviateSource(part),
      $q: quoteSource(part),
      $u: codePointName(whole),
      $c: closers(wrong),
    }
    return remedy.replace(/\$[01quc]/g, (name) => Reflect.get(parts, name))
  }
  return undefined
}

/** Whether the text before the wrong word ends so. */
export const follows =
  (end: RegExp) =>
  ({ preceding }: Wrong): boolean =>
    end.test(preceding)

// Of more brackets only the number is given.
const shownBrackets = 20

function closers({ open, depth }: Wrong): string {
  if (depth > shownBrackets) return `${depth} closing brackets`
  return Array.from(open, (bracket) => (bracket === '{' ? '}' : ']'))
    .reverse()
    .join('')
}

// A message shows two parts at most, and so 100 characters of a client's text.
const shownCharacters = 40

/** A part of the client's text for a message. */
export function abbreviateSource(text: string): string {
  const visible = visibleText(text.trim().replace(/\s+/g, ' '))
  if (visible.length <= shownCharacters) return visible
  return `${visible.slice(0, shownCharacters).toWellFormed()}...`
}

/** The same as a text of JSON. */
export const quoteSource = (text: string): string =>
  `"${abbreviateSource(text.replace(/\\(?=')/g, '')).replace(/(?<!\\)"/g, '\\"')}"`

/** The first character by its number: U+202E. */
export const codePointName = (text: string): string =>
  `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

export const exampleDocument = '{"name": "Ada"}'
