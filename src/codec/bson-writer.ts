// Writes BSON elements (bsonspec.org, version 1.1) into one growing buffer.

const mebibyte = 1 << 20
// What every writer has from the beginning; it is not counted.
const firstBytes = 1 << 16

/** Told how many bytes of memory more are taken. It may throw. */
export type Reserve = (bytes: number) => void

/** Bytes and a position; the parser writes to both directly. `ensure` makes room, which all else takes for granted. */
export class BsonWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes)
  at = 0
  reserve: Reserve = () => {}
  /** The memory that the buffer takes by now. */
  room = firstBytes
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Starts afresh with a small buffer, even if the old one is still in use. */
  renew(): void {
    if (this.bytes.length > firstBytes) this.bytes = Buffer.allocUnsafeSlow(firstBytes)
    this.room = firstBytes
    this.at = 0
  }

  /** Makes room for `count` more bytes. False if that is more than the writer may hold. */
  ensure(count: number): boolean {
    return this.at + count <= this.room || this.#grow(this.at + count)
  }

  // Beyond 1 MiB the buffer takes its full size at once, so that nothing large is copied: memory that nothing was
  // written to is not there yet, and counts once it is.
  #grow(wanted: number): boolean {
    if (wanted > this.#maxBytes) return false
    let { length } = this.bytes
    while (length < wanted && length < mebibyte) length *= 4
    if (length < wanted) length = this.#maxBytes
    const room = Math.min(Math.ceil(wanted / mebibyte) * mebibyte, length)
    this.reserve(room - this.room)
    this.room = room
    if (length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(length)
      this.bytes.copy(grown, 0, 0, this.at)
      this.bytes = grown
    }
    return true
  }

  byte(value: number): void {
    this.bytes[this.at++] = value
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32LE(value, this.at)
  }

  int64(value: bigint): void {
    this.at = this.bytes.writeBigInt64LE(value, this.at)
  }

  double(value: number): void {
    this.at = this.bytes.writeDoubleLE(value, this.at)
  }

  /** The key of an array's element: its index in decimal digits. */
  index(value: number): void {
    let unit = 1
    while (unit * 10 <= value) unit *= 10
    for (let rest = value; unit >= 1; unit = Math.floor(unit / 10)) {
      const digit = Math.floor(rest / unit)
      this.bytes[this.at++] = 0x30 + digit
      rest -= digit * unit
    }
    this.bytes[this.at++] = 0
  }

  /** Ends the document whose length goes to `start`. */
  close(start: number): void {
    this.bytes[this.at++] = 0
    this.bytes.writeInt32LE(this.at - start, start)
  }
}
