// Finds out whether the data file, or SQLite's write-ahead log beside it, has lost what was acknowledged.
import { closeSync, openSync, readSync, statSync } from 'node:fs'

// The formats: sqlite.org/fileformat2.html#the_write_ahead_log and sqlite.org/walformat.html.
const headBytes = 32
const frameHeadBytes = 24
const indexHeadBytes = 48
// Checksums of words in little-endian order, which every machine that runs Node writes.
const magic = 0x377f0682
const fileMagic = 'SQLite format 3\0'

/**
 * What is wrong with the data file or its log, or undefined.
 *
 * A file that ends within a page is cut, if no log is there to write that page again. SQLite fills the page with zeros,
 * and finds nothing of what was there; it takes a file of one byte for a new one. It refuses all others that are cut.
 *
 * SQLite takes the first frame of the log whose checksum is wrong for its end, and silently drops what comes after it.
 * That is right after a power cut, when the end is one transaction that was never acknowledged. So it is damage only if
 * more was there:
 * - the index of the log (the -shm file), written after the log's fsync, counts more frames than it still has;
 * - two transactions or more are after the first bad frame: the second began after the fsync of the first.
 *
 * At every start, before SQLite opens the file and writes both. After a clean end there is no log to read, after a
 * crash usually 2 MB.
 */
export function describeDamage(file: string): string | undefined {
  const { size } = statSync(file)
  const pageBytes = reading(file, pageBytesOf)
  const log = reading(`${file}-wal`, (read) => logOf(read, pageBytes))
  if (log.frames === 0 && size % pageBytes > 0 && reading(file, (read) => isDatabase(read, size))) {
    return `it is cut: it ends at byte ${size}, within a page of ${pageBytes}. Put a copy back.`
  }
  const counted = reading(`${file}-shm`, (read) => countedFrames(read, log.salts))
  if (log.commitsBehind < 2 && counted <= log.frames) return undefined
  return (
    `its log ${file}-wal is damaged or cut at byte ${log.end}, and documents that were acknowledged ` +
    `come after that place. Put a copy of both files back; or, to go on without those documents, ` +
    `remove ${file}-shm and shorten the log to ${log.end} bytes.`
  )
}

/** That many bytes at this place, undefined if the file has fewer or is missing. */
type Read = (at: number, bytes: number) => Buffer | undefined

// What the data file says of its pages, for a log whose head is damaged. A size of 65,536 is written as 1.
function pageBytesOf(read: Read): number {
  const bytes = read(16, 2)?.readUInt16BE(0) ?? 4096
  return bytes === 1 ? 65_536 : bytes
}

// Of a few bytes: whether a database begins with them.
const isDatabase = (read: Read, size: number) =>
  fileMagic.startsWith(read(0, Math.min(size, fileMagic.length))?.toString('latin1') ?? 'none')

/**
 * The salts, undefined if the head of the log is not there or damaged; the frames up to the end of the last whole
 * transaction, and the byte where they end; the transactions of the same log after the first bad frame, up to 2.
 */
function logOf(read: Read, pageBytesOfFile: number) {
  const sum = new Uint32Array(2)
  const head = read(0, headBytes)
  const isWhole = head?.readUInt32BE(0) === magic && adds(sum, head, [[0, 24]], 24)
  const pageBytes = isWhole ? head.readUInt32BE(8) : pageBytesOfFile
  const salts = isWhole ? hex(head, 16) : hex(read(headBytes, frameHeadBytes), 8)
  const place = (frame: number) => headBytes + frame * (frameHeadBytes + pageBytes)
  const isOurs = (frame: Buffer) => hex(frame, 8) === salts
  let valid = 0
  let frames = 0
  for (; isWhole; valid++) {
    const frame = read(place(valid), frameHeadBytes + pageBytes)
    const parts = [[0, 8] as const, [frameHeadBytes, frameHeadBytes + pageBytes] as const]
    if (!frame || !isOurs(frame) || !adds(sum, frame, parts, 16)) break
    if (isCommit(frame)) frames = valid + 1
  }
  let commitsBehind = 0
  for (let at = valid; commitsBehind < 2; at++) {
    const frame = read(place(at), frameHeadBytes)
    if (!frame) break
    if (isOurs(frame) && isCommit(frame)) commitsBehind++
  }
  const end = frames === 0 ? 0 : place(frames)
  return { salts: isWhole ? salts : undefined, frames, end, commitsBehind }
}

// How many frames of the log with these salts the index counts. None if it was not written to its end, or if all are
// in the database already: those are not lost.
function countedFrames(read: Read, salts: string | undefined): number {
  const [head, copy] = [read(0, indexHeadBytes), read(indexHeadBytes, indexHeadBytes)]
  const copied = read(2 * indexHeadBytes, 4)
  const isWhole = head && copy && copied && head.equals(copy) && head[12] === 1
  if (!isWhole || (salts !== undefined && hex(head, 32) !== salts)) return 0
  const frames = head.readUInt32LE(16)
  return frames > copied.readUInt32LE(0) ? frames : 0
}

const hex = (bytes: Buffer | undefined, at: number) => bytes?.toString('hex', at, at + 8)

// The size of the database after the transaction; 0 in frames that do not end one.
const isCommit = (frame: Buffer) => frame.readUInt32BE(4) !== 0

// Adds these parts to the sum of all before, which must then be the one that stands at `at`.
function adds(
  sum: Uint32Array,
  bytes: Buffer,
  parts: readonly (readonly [number, number])[],
  at: number,
): boolean {
  let [first = 0, second = 0] = sum
  for (const [start, end] of parts) {
    const words = new Uint32Array(bytes.buffer, start, (end - start) / 4)
    for (let word = 0; word < words.length; word += 2) {
      first = (first + (words[word] ?? 0) + second) >>> 0
      second = (second + (words[word + 1] ?? 0) + first) >>> 0
    }
  }
  sum.set([first, second])
  return first === bytes.readUInt32BE(at) && second === bytes.readUInt32BE(at + 4)
}

function reading<T>(file: string, work: (read: Read) => T): T {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return work(() => undefined)
  }
  try {
    return work((at, bytes) => {
      const buffer = Buffer.from(new ArrayBuffer(bytes)) // aligned for Uint32Array
      return readSync(descriptor, buffer, 0, bytes, at) === bytes ? buffer : undefined
    })
  } finally {
    closeSync(descriptor)
  }
}
