// Writes BSON elements (bsonspec.org, version 1.1) into one growing buffer.

/** The types of BSON that JSON needs. */
export const bsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  objectId: 0x07,
  boolean: 0x08,
  null: 0x0a,
  int32: 0x10,
  int64: 0x12,
} as const

// A buffer that one large document needed is not kept for the small ones after it.
const keptBytes = 1 << 20

/** The document has outgrown what a store may be asked to take. */
export class WriterFull extends Error {
  override readonly name = 'WriterFull'
}

/** A byte buffer with a position, as fast as plain arrays: the parser writes to both directly. */
export class BsonWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(1 << 16)
  at = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  reset(): void {
    this.at = 0
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafeSlow(1 << 16)
  }

  /**
   * Makes room for `count` more bytes.
   * @throws WriterFull where that would be more than the writer may hold
   */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return
    if (this.at + count > this.#maxBytes) throw new WriterFull()
    const wanted = Math.min(this.bytes.length * 2, this.#maxBytes)
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.at + count))
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
  }

  /** Whether the byte is in the range. */
  has(byte: number, start: number, end: number): boolean {
    for (let index = start; index < end; index++) if (this.bytes[index] === byte) return true
    return false
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  int32(value: number): void {
    this.reserve(4)
    this.at = this.bytes.writeInt32LE(value, this.at)
  }

  int64(value: bigint): void {
    this.reserve(8)
    this.at = this.bytes.writeBigInt64LE(value, this.at)
  }

  double(value: number): void {
    this.reserve(8)
    this.at = this.bytes.writeDoubleLE(value, this.at)
  }

  /** The key of an array's element: its index in decimal digits. */
  index(value: number): void {
    this.reserve(12)
    this.at += this.bytes.write(String(value), this.at, 'latin1')
    this.bytes[this.at++] = 0
  }

  /** Leaves room for a length; `close` fills it in. Returns its place. */
  open(): number {
    const start = this.at
    this.int32(0)
    return start
  }

  /** Ends the document that `open` began at `start`. */
  close(start: number): void {
    this.byte(0)
    this.bytes.writeInt32LE(this.at - start, start)
  }
}
