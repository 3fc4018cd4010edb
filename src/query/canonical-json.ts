// Where a text, a number or an object of canonical JSON ends: without white space, and known to be well-formed.

/** The quote that ends the text whose first character is at `start`. */
export function endOfText(json: Buffer, start: number): number {
  let at = start
  for (;;) {
    const byte = json[at]
    if (byte === 0x22 || byte === undefined) return at
    at += byte === 0x5c ? 2 : 1
  }
}

/** Where the number, which begins here, has ended. */
export function endOfNumber(json: Buffer, start: number): number {
  let at = start + 1
  // Digits, and . + - e E, and nothing else that may follow a number.
  for (;;) {
    const byte = json[at] ?? 0
    if (byte === 0x2c || byte === 0x7d || byte === 0x5d || byte === 0) return at
    at++
  }
}

/** The byte after the brace that ends the object. */
export function endOfObject(json: Buffer, start: number): number {
  let depth = 0
  for (let at = start; ; at++) {
    const byte = json[at]
    if (byte === 0x22) at = endOfText(json, at + 1)
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if ((byte === 0x7d || byte === 0x5d || byte === undefined) && --depth <= 0) return at + 1
  }
}
