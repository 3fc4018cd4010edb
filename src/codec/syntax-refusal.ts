// What is wrong with a text that is not JSON: the place, the way out, what was expected and what is there.
import { expectations, sceneAt } from './json-scene.ts'
import { findTextPosition } from './json-source.ts'
import { Refusal } from './refusal.ts'
import { abbreviateSource, codePointName, type Wrong } from './remedy-rule.ts'
import { remedyOf } from './syntax-remedy.ts'
import { utf16Hint } from './valid-utf8.ts'

/** What a message adds for the way in which the text came. */
export interface Hints {
  /** Of a second document after the first. */
  readonly second?: string
  /** Of a text that ends too early. */
  readonly early?: string
  readonly always?: string
}

// Characters around the place that say what is meant.
const looked = 200

/**
 * `invalid_json` for a text that a strict parser read up to the byte at `stop`; its place is the beginning of the
 * wrong word. Found by counting, in constant memory and in turns.
 */
export async function syntaxRefusal(
  bytes: Buffer,
  stop: number,
  firstLine: number,
  hints: Hints = {},
): Promise<Refusal> {
  const scene = await sceneAt(bytes, stop)
  const { line, column } = await findTextPosition(bytes, scene.at, firstLine)
  const wrong = {
    ...scene,
    ahead: textAt(bytes, scene.at, scene.at + looked),
    preceding: textAt(bytes, Math.max(scene.at - looked, 0), scene.at),
  }
  const expected = wrong.isInText ? expectedInText(wrong) : expectations[wrong.expected]
  // Text in UTF-16 has a NUL in every other byte.
  const isUtf16 = bytes[stop] === 0 && stop < 2
  const remedy = isUtf16 ? 'save it as UTF-8' : remedyOf(wrong)
  const said = `Line ${line}, column ${column}: ${remedy}. Expected ${expected}, found ${foundIn(wrong)}.`
  const isSecond = wrong.expected === 'end' && /^[{[]/.test(wrong.ahead)
  const hint = [
    isSecond && hints.second,
    wrong.ahead === '' && hints.early,
    isUtf16 && utf16Hint,
    hints.always,
  ]
  return new Refusal('invalid_json', [said, ...hint].filter(Boolean).join(' '), { line, column })
}

// The ends may be within a character.
const textAt = (bytes: Buffer, from: number, to: number) =>
  bytes.toString('utf8', from, to).replace(/^\ufffd+|\ufffd+$/g, '')

const expectedInText = ({ ahead }: Wrong) =>
  ahead.startsWith('"')
    ? 'a text that ends with "'
    : ahead.startsWith('\\')
      ? 'an escape of JSON'
      : 'the escape of a control character'

const signs: Readonly<Record<string, string>> = {
  ',': 'a comma',
  ':': 'a colon',
  ';': 'a semicolon',
}

// A text, a bracket, an escape, or what goes on to the next of these; else one character.
const wordLook =
  /^(?:"(?:[^"\\\r\n]|\\.)*"?|'(?:[^'\\\r\n]|\\.)*'?|\\[^\p{Cc}]?|[^\s"'\\{}[\]:,;]+|[\s\S])/u

/** The word, text, bracket or sign that the text begins with; empty for none. */
export const leadingToken = (text: string): string => wordLook.exec(text)?.[0] ?? ''

function foundIn({ ahead }: Wrong): string {
  if (ahead === '') return 'the end'
  const word = leadingToken(ahead)
  const isSeen = !/^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(word)
  return isSeen ? (signs[word] ?? abbreviateSource(word)) : codePointName(word)
}
