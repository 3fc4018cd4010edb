// Reads JSON text token by token. No value is ever parsed, so that no number can change.

export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'open' | 'close' | 'colon' | 'comma'

/**
 * The tokens of JSON text, one at a time: `next` goes on, and the other members describe the present one. Wrong text
 * gives the tokens that can be made out: this is for showing a text, not for judging it. An object for each token
 * took 100 times the memory of the text.
 */
export class JsonTokens {
  readonly text: string
  kind: TokenKind = 'word'
  /** Where the token begins and ends in the text. */
  at = 0
  end = 0
  // Whether the brackets that are open are those of an object, outermost first.
  readonly #objects: boolean[] = []
  #keyNext = false

  /** Begins with the token at `from` or after it. */
  constructor(text: string, from = 0) {
    this.text = text
    this.end = from
  }

  /** False if there is no further token. */
  next(): boolean {
    const { text } = this
    let at = this.end
    while (isSpace(text.charCodeAt(at))) at++
    this.at = at
    if (at >= text.length) {
      this.end = at
      return false
    }
    const first = text.charCodeAt(at)
    this.end = endOfToken(text, at, first)
    this.kind = this.#kindOf(first)
    return true
  }

  #kindOf(first: number): TokenKind {
    const isKey = this.#keyNext
    this.#keyNext = false
    switch (first) {
      case 0x7b:
      case 0x5b:
        this.#keyNext = first === 0x7b
        this.#objects.push(this.#keyNext)
        return 'open'
      case 0x7d:
      case 0x5d:
        this.#objects.pop()
        return 'close'
      case 0x3a:
        return 'colon'
      case 0x2c:
        this.#keyNext = this.#objects.at(-1) === true
        return 'comma'
      case 0x22:
        return isKey ? 'key' : 'string'
      default:
        return first === 0x2d || (first >= 0x30 && first <= 0x39) ? 'number' : 'word'
    }
  }
}

function endOfToken(text: string, from: number, first: number): number {
  let at = from + 1
  if (first === 0x22) {
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === 0x22) return at + 1
      if (unit === 0x5c) at++
    }
    return text.length
  }
  if (isPunctuation(first)) return at
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    if (isSpace(unit) || isPunctuation(unit) || unit === 0x22) return at
    at++
  }
  return at
}

// The four of RFC 8259, section 2.
const isSpace = (unit: number) => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09

// { } [ ] : and the comma
const isPunctuation = (unit: number) =>
  unit === 0x7b || unit === 0x7d || unit === 0x5b || unit === 0x5d || unit === 0x3a || unit === 0x2c
