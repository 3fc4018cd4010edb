// Makes the indexes of the embedded store while requests run, and removes others.
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { idKey, idOfKey, idText } from '../codec/document-id.ts'
import { nextPiece } from '../fair-turns.ts'
import { type IndexKeys, type IndexState, nameOfIndex } from '../query/indexes.ts'
import { quoted } from '../shown-text.ts'
import {
  type Conflict,
  createEntryWriter,
  describeTooManyValues,
  type Index,
} from './sqlite-indexes.ts'
import {
  type Batch,
  createBatchReader,
  createRowReader,
  firstKey,
  hasTable,
  idAt,
} from './sqlite-rows.ts'
import type { Write } from './sqlite-writer.ts'
import { StoreError } from './store-error.ts'

interface BuildOptions {
  readonly db: DatabaseSync
  readonly transact: Write
  readonly indexes: readonly Index[]
  readonly say: (words: string) => void
  readonly isClosed: () => boolean
}

// Milliseconds of one transaction: requests come in between.
const transactionTime = 5
const rowsAtOnce = 200
const removedAtOnce = 1000
const sayEvery = 100_000

/** Makes what is not ready yet. It goes on after the last document whose entries are on disk. */
export async function buildIndexes(options: BuildOptions): Promise<void> {
  const { indexes, say, isClosed } = options
  await removeDropped(options)
  for (const index of indexes) {
    if (index.state !== 'building' || isClosed()) continue
    const name = quoted(nameOfIndex(index.spec))
    try {
      const state = await build(options, index)
      if (state === 'ready') say(`the index ${name} is made`)
      if (state === 'refused') say(`the index ${name} is refused: ${index.detail}`)
    } catch (error) {
      if (isClosed()) return
      index.detail = error instanceof StoreError ? error.message : String(error)
      say(`the index ${name} is not made: ${index.detail}`)
    }
  }
}

async function build(
  { db, transact, say, isClosed }: BuildOptions,
  index: Index,
): Promise<IndexState> {
  const { id, spec } = index
  const rows = createBatchReader(db, 'key > ?', 'ASC')
  const row = createRowReader(db, 'documents')
  const entries = createEntryWriter(db, [index])
  const through = db.prepare('SELECT through FROM indexes WHERE id = ?')
  const setThrough = db.prepare('UPDATE indexes SET through = ? WHERE id = ?')
  const setState = db.prepare('UPDATE indexes SET state = ?, through = NULL WHERE id = ?')
  let count = 0
  let said = 0

  const placed = (): Uint8Array => {
    const found = through.get(id)?.through
    return found instanceof Uint8Array ? found : firstKey
  }
  const finish = (state: 'ready' | 'refused', detail: string) => {
    setState.run(state, id)
    index.state = state
    index.detail = detail
  }
  // As many of the batch as there is time for. Returns the last one.
  const addBatch = ({ json, ends }: Batch, until: number): Uint8Array => {
    let start = 0
    let key: Uint8Array = new Uint8Array()
    for (const end of ends) {
      key = idKey(idAt(json, start))
      add(key, entries.keysOf(json.subarray(start, end)))
      start = end
      if (performance.now() > until) break
    }
    return key
  }
  const add = (key: Uint8Array, keys: readonly IndexKeys[]) => {
    const conflict = entries.conflict(key, keys)
    if (conflict) throw new Collision(conflict, key)
    entries.move(key, undefined, keys)
    count++
  }
  // Some of the documents that come next. A large one is left to be read alone.
  const some = (): 'more' | 'end' | { readonly key: Uint8Array; readonly size: number } => {
    const until = performance.now() + transactionTime
    for (let after: Uint8Array = placed(); ; ) {
      const found = rows([after], rowsAtOnce, '')
      if (!found) {
        finish('ready', '')
        return 'end'
      }
      if (!('json' in found)) return found
      after = addBatch(found, until)
      setThrough.run(after, id)
      if (performance.now() > until) return 'more'
    }
  }
  const one = async (key: Uint8Array) => {
    const json = row.whole(key)
    const keys = json && (await entries.prepare(json))
    await transact(() => {
      // Whoever wrote it in between has written its entries as well.
      if (json && keys && row.whole(key)?.equals(json)) add(key, keys)
      setThrough.run(key, id)
    })
  }

  try {
    while (!isClosed()) {
      const step = await transact(some)
      if (step === 'end') break
      if (step !== 'more') {
        await nextPiece()
        await one(step.key)
      }
      index.detail = `${count.toLocaleString('en-GB')} documents so far`
      if (count - said >= sayEvery) {
        said = count
        say(`the index ${quoted(nameOfIndex(spec))} has ${index.detail}`)
      }
      await nextTurn()
    }
  } catch (error) {
    const collision = error instanceof StoreError ? (error.cause ?? error) : error
    if (!(collision instanceof Collision)) throw error
    await transact(() => finish('refused', collision.message))
  }
  return index.state
}

class Collision extends Error {
  constructor({ spec, other }: Conflict, document: Uint8Array) {
    const [one, two] = [other ?? document, document].map((key) => quoted(idText(idOfKey(key))))
    super(
      other
        ? `${one} and ${two} have the same value`
        : `${describeTooManyValues(spec)} ${one} has more.`,
    )
  }
}

async function removeDropped({ db, transact, isClosed, say }: BuildOptions): Promise<void> {
  if (!hasTable(db, 'indexes')) return
  const dropped = db.prepare("SELECT id, path FROM indexes WHERE state = 'dropped'").all()
  const nth = db.prepare('SELECT key, document FROM entries WHERE "index" = ? LIMIT 1 OFFSET ?')
  const removeTo = db.prepare('DELETE FROM entries WHERE "index" = ? AND (key, document) <= (?, ?)')
  const removeAll = db.prepare('DELETE FROM entries WHERE "index" = ?')
  const forget = db.prepare('DELETE FROM indexes WHERE id = ?')
  for (const { id, path } of dropped) {
    const number = Number(id)
    for (let isLast = false; !isLast && !isClosed(); ) {
      isLast = await transact(() => {
        const { key, document } = nth.get(number, removedAtOnce) ?? {}
        if (key instanceof Uint8Array && document instanceof Uint8Array) {
          removeTo.run(number, key, document)
          return false
        }
        removeAll.run(number)
        forget.run(number)
        return true
      })
      await nextTurn()
    }
    if (!isClosed()) say(`the index on ${String(path)} is removed`)
  }
  if (isClosed()) return
  await transact(() => {
    if (db.prepare('SELECT 1 FROM indexes LIMIT 1').get()) return
    db.exec('DROP TABLE entries; DROP TABLE indexes; PRAGMA user_version = 3')
  })
}
