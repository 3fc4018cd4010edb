// Finds out whether SQLite's write-ahead log has lost transactions that were acknowledged.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

// The formats: sqlite.org/fileformat2.html#the_write_ahead_log and sqlite.org/walformat.html.
const headBytes = 32
const frameHeadBytes = 24
// Checksums of the words in little-endian order: what every machine that Node runs on writes.
const magic = 0x377f0682

/**
 * What is wrong with the log of the data file, or undefined. SQLite itself takes the first frame
 * whose checksum is wrong for the end of the log, and drops what is behind it without a word. That
 * is right after a power cut, where the end is one transaction that nobody was told of. So it is
 * damage only where more was there:
 * - the index of the log (the -shm file) counts more frames than the log still has: it is written
 *   after the fsync of the log;
 * - two transactions or more are after the first bad frame: the second began after the fsync of
 *   the first.
 *
 * Reads the log once, usually 4 MB. Call it before SQLite opens the file: that writes both files.
 */
export function damagedLog(file: string): string | undefined {
  const index = readIndex(`${file}-shm`)
  const log = readLog(`${file}-wal`)
  const lost = log.commitsBehind > 1
  // Frames that are in the database itself already are no loss.
  const counted = index !== undefined && index.frames > index.copied ? index.frames : 0
  const sameLog = log.salts === undefined || index?.salts === log.salts
  if (!lost && !(sameLog && counted > log.frames)) return undefined
  return (
    `its log ${file}-wal is damaged or cut at byte ${log.end}, and documents that were acknowledged ` +
    `are behind that place. Put a copy of both files back; or, to go on without those documents, ` +
    `remove ${file}-shm and shorten the log to ${log.end} bytes.`
  )
}

interface Log {
  /** Undefined where the head of the log is not there or damaged. */
  readonly salts: string | undefined
  /** Frames up to the end of the last whole transaction. */
  readonly frames: number
  /** The byte where they end. */
  readonly end: number
  /** Transactions of the same log after the first bad frame; counted up to 2. */
  readonly commitsBehind: number
}

function readLog(file: string): Log {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return { salts: undefined, frames: 0, end: 0, commitsBehind: 0 }
  }
  try {
    return scan((at, bytes) => {
      const buffer = Buffer.from(new ArrayBuffer(bytes)) // aligned for Uint32Array
      return readSync(descriptor, buffer, 0, bytes, at) === bytes ? buffer : undefined
    })
  } finally {
    closeSync(descriptor)
  }
}

type Read = (at: number, bytes: number) => Buffer | undefined

function scan(read: Read): Log {
  const head = read(0, headBytes)
  const sum: [number, number] = [0, 0]
  const whole = head !== undefined && head.readUInt32BE(0) === magic && sumsTo(sum, head, 24, 24)
  const pageBytes = whole ? head.readUInt32BE(8) : 4096
  const saltsOf = (buffer: Buffer, at: number) => buffer.toString('hex', at, at + 8)
  const salts = whole
    ? saltsOf(head, 16)
    : saltsOf(read(headBytes, frameHeadBytes) ?? Buffer.alloc(16), 8)
  const frameBytes = frameHeadBytes + pageBytes
  const place = (frame: number) => headBytes + frame * frameBytes

  let valid = 0
  let frames = 0
  for (; whole; valid++) {
    const frame = read(place(valid), frameBytes)
    if (!frame || saltsOf(frame, 8) !== salts || !frameSumsTo(sum, frame)) break
    if (isCommit(frame)) frames = valid + 1
  }
  let commitsBehind = 0
  for (let at = valid; commitsBehind < 2; at++) {
    const frame = read(place(at), frameHeadBytes)
    if (!frame) break
    if (saltsOf(frame, 8) === salts && isCommit(frame)) commitsBehind++
  }
  const end = frames === 0 ? 0 : place(frames)
  return { salts: whole ? salts : undefined, frames, end, commitsBehind }
}

// The size of the database after the transaction; 0 in frames that do not end one.
const isCommit = (frame: Buffer) => frame.readUInt32BE(4) !== 0

// The first 8 bytes of a frame's head and its page, on top of all frames before it.
function frameSumsTo(sum: [number, number], frame: Buffer): boolean {
  add(sum, frame, 0, 8)
  add(sum, frame, frameHeadBytes, frame.length)
  return sum[0] === frame.readUInt32BE(16) && sum[1] === frame.readUInt32BE(20)
}

function sumsTo(sum: [number, number], buffer: Buffer, end: number, at: number): boolean {
  add(sum, buffer, 0, end)
  return sum[0] === buffer.readUInt32BE(at) && sum[1] === buffer.readUInt32BE(at + 4)
}

function add(sum: [number, number], buffer: Buffer, start: number, end: number): void {
  const words = new Uint32Array(buffer.buffer, buffer.byteOffset + start, (end - start) / 4)
  let [first, second] = sum
  for (let at = 0; at < words.length; at += 2) {
    first = (first + (words[at] ?? 0) + second) >>> 0
    second = (second + (words[at + 1] ?? 0) + first) >>> 0
  }
  sum[0] = first
  sum[1] = second
}

interface Index {
  readonly salts: string
  /** Frames in the log. */
  readonly frames: number
  /** Frames that are copied into the database. */
  readonly copied: number
}

// Undefined if there is none, or where it was not written to its end.
function readIndex(file: string): Index | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    return undefined
  }
  const headBytes = 48 // and a second copy of it
  if (bytes.length < 2 * headBytes + 4) return undefined
  const [head, copy] = [bytes.subarray(0, headBytes), bytes.subarray(headBytes, 2 * headBytes)]
  const isInitialised = head[12] === 1
  if (!head.equals(copy) || !isInitialised) return undefined
  return {
    salts: head.toString('hex', 32, 40),
    frames: head.readUInt32LE(16),
    copied: bytes.readUInt32LE(2 * headBytes),
  }
}
