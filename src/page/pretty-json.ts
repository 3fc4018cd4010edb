// JSON text laid out for people, as text and as HTML: keys in order, every number as it was written.

import { nextPiece } from '../fair-turns.ts'
import { visibleText } from '../shown-text.ts'
import { escapeElementText, type Html, trustedHtml } from './html.ts'
import { JsonTokens, type TokenKind } from './json-tokens.ts'

// A list of plain values of at most this length stays on one line: [47, 8] is easier to read.
const lineLength = 64

// Deeper levels are indented like this one: with two spaces for each of 97, 1 MB of numbers became 100.
const deepestIndent = 16

// Characters of JSON that are laid out in one turn of the event loop, in 1 ms at most.
const pieceLength = 4 * 1024

// Characters of a row on the page: what is longer goes on in the next one (style.css).
const rowLength = 80

/**
 * The same JSON, one member per line, indented by two spaces, with the escape of each unseen character. Undefined if
 * that has more than `maxLength` characters.
 */
export async function prettyJson(json: string, maxLength: number): Promise<string | undefined> {
  const { lines, whole } = await layOut(json, maxLength, ({ text }) => visibleText(text))
  return whole ? lines.join('\n') : undefined
}

/**
 * The same with an element for each kind of token: lines of complete markup, and how many rows they take. They are
 * not `whole` if some at the end were left out, for the markup to have at most `maxLength` characters.
 */
export const prettyHtml = (json: string, maxLength: number) => layOut(json, maxLength, markup)

/** The lines as the content of a `<pre>`. */
export const preformatted = (lines: readonly string[]): Html => trustedHtml(lines.join('\n'))

async function layOut(json: string, maxLength: number, show: (piece: Piece) => string) {
  const lines: string[] = []
  let length = -1
  let rows = 0
  let left = pieceLength
  for (const pieces of linesOf(json)) {
    let line = ''
    let width = 0
    for (const piece of pieces) {
      line += show(piece)
      width += piece.text.length
      left -= piece.text.length
      if (left > 0) continue
      left = pieceLength
      await nextPiece()
    }
    length += 1 + line.length
    if (length > maxLength) return { lines, whole: false, rows }
    rows += Math.max(1, Math.ceil(width / rowLength))
    lines.push(line)
  }
  return { lines, whole: true, rows }
}

// Short ones, and quotes as they are: otherwise a page of countries had 248 kB instead of 142.
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

function markup({ kind, text }: Piece): string {
  const tag = tags[kind]
  return tag ? `<${tag}>${escapeElementText(visibleText(text))}</${tag}>` : text
}

// Of a long token, so that one of 256 KiB holds up nobody.
function* slicesOf(kind: TokenKind, token: string): Generator<Piece> {
  for (let from = 0; from < token.length; ) {
    let to = from + pieceLength
    if ((token.charCodeAt(to) & 0xfc00) === 0xdc00) to++
    yield { kind, text: token.slice(from, to) }
    from = to
  }
}

function* linesOf(json: string): Generator<readonly Piece[]> {
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
    // After an opening bracket and before a closing one, but not between the two of an empty one.
    if (!flat && isFirst !== (kind === 'close')) {
      yield pieces
      pieces = indent()
    }
    if (end - at <= pieceLength) pieces.push({ kind, text: json.slice(at, end) })
    else pieces.push(...slicesOf(kind, json.slice(at, end)))
    isFirst = kind === 'open'
    if (kind === 'colon' || (kind === 'comma' && flat)) pieces.push(space(' '))
    if (kind === 'open') {
      depth++
      if (!flat) flatUntil = endOfFlatList(json, at)
    }
    if (kind === 'comma' && !flat) {
      yield pieces
      pieces = indent()
    }
  }
  yield pieces
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
