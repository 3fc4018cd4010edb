// Splits JSON text into its tokens. No value is ever parsed, so that no number can change.

export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'open' | 'close' | 'colon' | 'comma'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Where it begins in the text. */
  readonly at: number
}

/**
 * The tokens of JSON text. Text that is cut off or wrong gives the tokens that can be made out:
 * this serves to show a text, not to judge it.
 */
export function jsonTokens(text: string): Token[] {
  const tokens: Token[] = []
  const objects: boolean[] = []
  let keyNext = false
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const end = tokenEnd(text, at)
    const piece = text.slice(at, end)
    const kind = kindOf(piece, keyNext)
    tokens.push({ kind, text: piece, at })
    if (kind === 'open') objects.push(piece === '{')
    if (kind === 'close') objects.pop()
    keyNext = (kind === 'open' || kind === 'comma') && objects.at(-1) === true
    at = end
  }
  return tokens
}

function kindOf(piece: string, keyNext: boolean): TokenKind {
  switch (piece[0]) {
    case '{':
    case '[':
      return 'open'
    case '}':
    case ']':
      return 'close'
    case ':':
      return 'colon'
    case ',':
      return 'comma'
    case '"':
      return keyNext ? 'key' : 'string'
    default:
      return /^[-\d]/.test(piece) ? 'number' : 'word'
  }
}

const space = /\s/
function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && space.test(text[at] ?? '')) at++
  return at
}

const special = /[\s{}[\]:,"]/
function tokenEnd(text: string, from: number): number {
  let at = from + 1
  if (text[from] === '"') {
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    return Math.min(at + 1, text.length)
  }
  if (special.test(text[from] ?? '')) return at
  while (at < text.length && !special.test(text[at] ?? '')) at++
  return at
}
