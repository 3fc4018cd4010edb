// JSON text laid out for people, as text and as HTML: keys in order, every number as it was written.
import { nextPiece } from '../fair-turns.ts'
import { escapeText, type Html, raw } from './html.ts'
import { JsonTokens, type TokenKind } from './json-tokens.ts'

// A list of plain values that is no longer stays on one line: [47, 8] reads better so.
const lineLength = 64

// Deeper levels stand as far in as this one: with two spaces for each of 97 levels, 1 MB of numbers
// became 100.
const deepestIndent = 16

// Characters of JSON that are laid out in one turn of the event loop, in 1 ms at most.
const pieceLength = 4 * 1024

/**
 * The same JSON, a member on each line, indented by two spaces. Undefined if that has more than
 * `maxLength` characters.
 */
export async function prettyJson(json: string, maxLength: number): Promise<string | undefined> {
  const { text, whole } = await layOut(json, maxLength, plain)
  return whole ? text : undefined
}

export interface PrettyHtml {
  readonly html: Html
  /** False if lines at the end were left out, so that the markup has no more than `maxLength` characters. */
  readonly whole: boolean
}

/**
 * The same with an element for each kind of token, and `<mark>` around the lines that `marked` names.
 * `maxLength` is in characters of markup.
 */
export async function prettyHtml(
  json: string,
  maxLength: number,
  marked: (line: string) => boolean = () => false,
): Promise<PrettyHtml> {
  const show = (line: readonly Piece[]) =>
    marked(plain(line)) ? `<mark>${markup(line)}</mark>` : markup(line)
  const { text, whole } = await layOut(json, maxLength, show)
  return { html: raw(text), whole }
}

async function layOut(json: string, maxLength: number, show: (line: readonly Piece[]) => string) {
  // Joined piece by piece: one text that grows line by line is a tree of all of them until it is sent.
  const texts: string[] = []
  let lines: string[] = []
  let length = -1
  let pausedAt = 0
  let whole = true
  for (const { pieces, end } of linesOf(json)) {
    const line = show(pieces)
    length += 1 + line.length
    whole = length <= maxLength
    if (!whole) break
    lines.push(line)
    if (end - pausedAt < pieceLength) continue
    texts.push(lines.join('\n'))
    lines = []
    pausedAt = end
    await nextPiece()
  }
  if (lines.length > 0) texts.push(lines.join('\n'))
  return { text: texts.join('\n'), whole }
}

// Short ones, and quotes as they are: with a class and escapes a page of countries had 248 kB
// instead of 142.
const tags: Partial<Record<Piece['kind'], string>> = {
  key: 'i',
  string: 'samp',
  number: 'var',
  word: 'var',
}

interface Piece {
  readonly kind: TokenKind | 'space'
  readonly text: string
}

const plain = (line: readonly Piece[]) => line.map(({ text }) => text).join('')

function markup(line: readonly Piece[]): string {
  let out = ''
  for (const { kind, text } of line) {
    const tag = tags[kind]
    out += tag ? `<${tag}>${escapeText(text)}</${tag}>` : text
  }
  return out
}

interface Line {
  readonly pieces: readonly Piece[]
  /** Where in the JSON it ends. */
  readonly end: number
}

function* linesOf(json: string): Generator<Line> {
  const tokens = new JsonTokens(json)
  let pieces: Piece[] = []
  let depth = 0
  let flatUntil = 0
  let isFirst = false
  const space = (text: string) => ({ kind: 'space', text }) as const
  const indent = () => [space('  '.repeat(Math.min(depth, deepestIndent)))]
  while (tokens.next()) {
    const { kind, at, end } = tokens
    const flat = at < flatUntil
    if (kind === 'close') depth--
    // Behind an opening bracket and before a closing one, but not between the two of an empty one.
    if (!flat && isFirst !== (kind === 'close')) {
      yield { pieces, end: at }
      pieces = indent()
    }
    pieces.push({ kind, text: json.slice(at, end) })
    isFirst = kind === 'open'
    if (kind === 'colon' || (kind === 'comma' && flat)) pieces.push(space(' '))
    if (kind === 'open') {
      depth++
      if (!flat) flatUntil = endOfFlatList(json, at)
    }
    if (kind === 'comma' && !flat) {
      yield { pieces, end }
      pieces = indent()
    }
  }
  yield { pieces, end: json.length }
}

/** Where a short list without objects or lists in it ends, 0 for anything else. */
function endOfFlatList(json: string, open: number): number {
  if (json[open] !== '[') return 0
  const tokens = new JsonTokens(json, open + 1)
  let length = 0
  while (tokens.next() && length <= lineLength) {
    if (tokens.kind === 'open') return 0
    if (tokens.kind === 'close') return tokens.end
    length += tokens.end - tokens.at + (tokens.kind === 'comma' ? 1 : 0)
  }
  return 0
}
