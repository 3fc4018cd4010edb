// A growing buffer of JSON text.

// The bytes below: " 0x22, backslash 0x5c.

/** Takes ASCII as it is, and the characters of texts with their escapes. */
export class JsonBytes {
  #bytes: Buffer
  #at = 0

  constructor(size = 1 << 16) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  get length(): number {
    return this.#at
  }

  /** The bytes so far, valid until more is added after a `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Starts over in the same memory. A document under way goes on there. */
  clear(): void {
    this.#at = 0
  }

  /** Adds ASCII text as it is. */
  text(ascii: string): void {
    const { length } = ascii
    this.#reserve(length)
    const target = this.#bytes
    if (length > shortText) {
      this.#at += target.write(ascii, this.#at, 'latin1')
      return
    }
    for (let index = 0; index < length; index++) target[this.#at++] = ascii.charCodeAt(index)
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + count))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }

  protected byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  // UTF-8 goes through as it is; only quotes, backslashes and control characters are escaped.
  protected characters(source: Buffer, start: number, end: number): void {
    let at = end - start < nativeFrom ? this.#plain(source, start, end) : start
    while (at < end) {
      const from = at
      let byte = source[at] ?? 0
      while (byte !== 0x22 && byte !== 0x5c && byte >= 0x20 && ++at < end) byte = source[at] ?? 0
      this.copy(source, from, at)
      if (at < end) this.text(escapes[source[at++] ?? 0] ?? '')
    }
  }

  // Copies up to the first character that is escaped, and returns where that is. Most texts have none.
  #plain(source: Buffer, start: number, end: number): number {
    this.#reserve(end - start)
    const target = this.#bytes
    let to = this.#at
    let at = start
    for (; at < end; at++) {
      const byte = source[at] ?? 0
      if (byte === 0x22 || byte === 0x5c || byte < 0x20) break
      target[to++] = byte
    }
    this.#at = to
    return at
  }

  // The bytes as hexadecimal digits, in quotes.
  protected hex(source: Buffer, at: number, end: number): void {
    this.#reserve(2 + 2 * (end - at))
    const target = this.#bytes
    let to = this.#at
    target[to++] = 0x22
    for (let index = at; index < end; index++) {
      const byte = source[index] ?? 0
      target[to++] = hexDigits[byte >> 4] ?? 0
      target[to++] = hexDigits[byte & 15] ?? 0
    }
    target[to++] = 0x22
    this.#at = to
  }

  /** Adds bytes that are JSON already. */
  copy(source: Buffer, from: number, to: number): void {
    this.#reserve(to - from)
    const target = this.#bytes
    let at = this.#at
    if (to - from >= nativeFrom) {
      source.copy(target, at, from, to)
      at += to - from
    } else {
      for (let index = from; index < to; index++) target[at++] = source[index] ?? 0
    }
    this.#at = at
  }
}

// Numbers and most texts are short: a loop is quicker than a call into native code. With such loops over them and
// over keys a document of 1 kB took 2.4 us instead of 3.9.
const shortText = 24
// A native copy costs as much as a loop over this many bytes.
const nativeFrom = 40
const hexDigits = Buffer.from('0123456789abcdef')

// By the byte: of all control characters, the quote and the backslash.
const escapes = Array.from({ length: 0x5d }, (_, byte) =>
  JSON.stringify(String.fromCharCode(byte)).slice(1, -1),
)
