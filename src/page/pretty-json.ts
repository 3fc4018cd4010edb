// JSON text laid out for people, as text and as HTML: keys in order, every number as it was written.
import { escapeText, type Html, raw } from './html.ts'
import { jsonTokens, type Token, type TokenKind } from './json-tokens.ts'

// A list of plain values that is no longer stays on one line: [47, 8] reads better so.
const lineLength = 64

/** The same JSON, a member a line, indented by two spaces. */
export const prettyJson = (json: string): string =>
  pieces(json)
    .map(({ text }) => text)
    .join('')

/** The same with an element for each kind of token, and `<mark>` around the lines that `marked` names. */
export function prettyHtml(json: string, marked: (line: string) => boolean = () => false): Html {
  const lines: { plain: string; markup: string }[] = [{ plain: '', markup: '' }]
  for (const { kind, text } of pieces(json)) {
    if (text.startsWith('\n')) lines.push({ plain: '', markup: '' })
    const line = lines.at(-1)
    if (!line) continue
    const shown = text.replace('\n', '')
    line.plain += shown
    const tag = tags[kind]
    const escaped = escapeText(shown)
    line.markup += tag ? `<${tag}>${escaped}</${tag}>` : escaped
  }
  const markup = lines.map(({ plain, markup }) =>
    marked(plain) ? `<mark>${markup}</mark>` : markup,
  )
  return raw(markup.join('\n'))
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

function pieces(json: string): Piece[] {
  const tokens = jsonTokens(json)
  const out: Piece[] = []
  let depth = 0
  let flatUntil = -1
  const breakLine = () => out.push({ kind: 'space', text: `\n${'  '.repeat(depth)}` })
  tokens.forEach((token, index) => {
    const flat = index <= flatUntil
    const isEmpty = tokens[index - 1]?.kind === 'open'
    if (token.kind === 'close') {
      depth--
      if (!flat && !isEmpty) breakLine()
    } else if (isEmpty && !flat) breakLine()
    out.push(token)
    if (token.kind === 'colon') out.push({ kind: 'space', text: ' ' })
    if (token.kind === 'open') {
      depth++
      if (!flat) flatUntil = Math.max(flatUntil, endOfFlatList(tokens, index))
    }
    if (token.kind === 'comma') {
      if (flat) out.push({ kind: 'space', text: ' ' })
      else breakLine()
    }
  })
  return out
}

// The index of the bracket that closes a short list without objects or lists in it, or -1.
function endOfFlatList(tokens: readonly Token[], open: number): number {
  if (tokens[open]?.text !== '[') return -1
  let length = 0
  for (let index = open + 1; index < tokens.length; index++) {
    const token = tokens[index]
    if (!token || token.kind === 'open') return -1
    if (token.kind === 'close') return index
    length += token.text.length + (token.kind === 'comma' ? 1 : 0)
    if (length > lineLength) return -1
  }
  return -1
}
