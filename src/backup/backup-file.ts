// A backup as a file: every document of a store as a line of JSON, compressed; written, read, compared.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { constants, createGunzip, createGzip } from 'node:zlib'
import { newObjectId } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { isDocument, type ParsedDocument } from '../codec/parsed-item.ts'
import { linesOf } from '../documents/ndjson.ts'
import { quoted } from '../shown-text.ts'
import type { DocumentStore, InsertResult } from '../store/document-store.ts'
import { BackupFault } from './backup-folder.ts'

const newline = Buffer.from('\n')
// 16 MiB of BSON have six times that as JSON with every character escaped.
const longestLine = 128 << 20
const batchBytes = 256 * 1024
// Seconds that a database may be away during a restore.
const patience = 60

/** The documents as lines, as GET /data gives them. `count` is told how many have ended. */
async function* linesOfStore(
  store: DocumentStore,
  count = (_: number) => {},
): AsyncGenerator<Buffer> {
  for await (const { bytes, ends } of store.list({}, '\n')) {
    // Valid until the next is asked for, and a reader may hold several.
    yield Buffer.from(bytes)
    count(ends.length)
    if (ends.length > 0 && ends.at(-1) === bytes.length) yield newline
  }
}

/** Writes every document of the store. On return it is on disk; the digest is that of the lines. */
export async function writeFile(store: DocumentStore, file: string) {
  const hash = createHash('sha256')
  let documents = 0
  const lines = async function* () {
    for await (const bytes of linesOfStore(store, (ended) => (documents += ended))) {
      hash.update(bytes)
      yield bytes
    }
  }
  // Only its owner may read it.
  const out = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })
  await pipeline(lines, createGzip({ level: constants.Z_BEST_SPEED }), out)
  return { documents, digest: hash.digest('hex') }
}

/** The bytes of the lines. @throws BackupFault if they are not what was written: gzip ends with a checksum */
async function* readFile(file: string): AsyncGenerator<Buffer> {
  const text = createReadStream(file).on('error', (error) => gunzip.destroy(error))
  const gunzip = text.pipe(createGunzip())
  try {
    for await (const chunk of gunzip) yield chunk
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new BackupFault(`${basename(file)} is damaged: ${reason}`)
  }
}

/**
 * Puts the documents of the file into the store, which has none.
 * @throws BackupFault for a damaged file, and for a line that the store refuses
 */
export async function fillStore(store: DocumentStore, file: string): Promise<number> {
  // To its end, before anything is done with it: the checksum is there.
  for await (const _ of readFile(file));
  const parser = new DocumentParser()
  let batch: ParsedDocument[] = []
  let bytes = 0
  let documents = 0
  const put = async () => {
    await insertAll(store, batch)
    documents += batch.length
    batch = []
    bytes = 0
  }
  for await (const line of linesOf(readFile(file), longestLine, () => {})) {
    const options = { newId: newObjectId, isShown: true }
    const item = await parser.parseLine(line.bytes, line.number, options)
    const fault = typeof item === 'string' ? item : isDocument(item) ? undefined : item.message
    if (!isDocument(item) || item.assigned) {
      throw notKept(line.number, line.bytes, fault ?? 'it has no _id')
    }
    batch.push(item)
    bytes += item.bson.length
    if (bytes >= batchBytes) await put()
  }
  await put()
  return documents
}

function notKept(line: number, bytes: Uint8Array, why: string): BackupFault {
  const beginning = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 100))
  return new BackupFault(
    `document ${line}, ${quoted(beginning.toString())}, cannot be restored: ${why} Another program may have written it; mongodump keeps such documents.`,
  )
}

/** Inserts all of them, and waits for a database that goes away meanwhile. */
async function insertAll(store: DocumentStore, documents: readonly ParsedDocument[]) {
  let left = documents
  for (let tries = 0; left.length > 0; tries++) {
    if (tries > 0) await sleep(1000)
    const results = await store.insert(left)
    left = left.filter((document, at) => !isThere(document, results[at], tries))
  }
}

function isThere(document: ParsedDocument, result: InsertResult | undefined, tries: number) {
  // An attempt without an answer may have succeeded.
  if (result === undefined || result.ok || (result.reason === 'duplicate' && tries > 0)) return true
  if (result.reason !== 'failed') {
    const why = result.reason === 'refused' ? result.detail : `it is a ${result.reason}`
    throw new BackupFault(`the document ${quoted(document.id)} cannot be restored: ${why}`)
  }
  if (result.error.fault !== 'unavailable' || tries >= patience) throw result.error
  return false
}

/**
 * Compares what the store gives with the file, byte by byte, and returns the digest of it.
 * @throws BackupFault with the place of the first difference
 */
export async function compareStore(store: DocumentStore, file: string): Promise<string> {
  const hash = createHash('sha256')
  const expected = readFile(file)
  let rest: Buffer = Buffer.alloc(0)
  let place = 0
  const different = () =>
    new BackupFault(`what was restored differs from ${basename(file)} at byte ${place}`)
  for await (const bytes of linesOfStore(store)) {
    hash.update(bytes)
    for (let at = 0; at < bytes.length; ) {
      if (rest.length === 0) {
        const next = await expected.next()
        if (next.done) throw different()
        rest = next.value
      }
      const length = Math.min(rest.length, bytes.length - at)
      if (rest.compare(bytes, at, at + length, 0, length) !== 0) throw different()
      rest = rest.subarray(length)
      at += length
      place += length
    }
  }
  if (rest.length > 0 || !(await expected.next()).done) throw different()
  return hash.digest('hex')
}
