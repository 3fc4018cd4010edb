// The embedded store when its file cannot do what it is asked, and what its errors become.
import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { sqliteError } from '../../src/store/sqlite-error.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { encode } from '../suites/store-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

describe('the embedded store', { concurrency: 3 }, () => {
  it('answers unavailable while another process writes, and works again after it', async () => {
    const file = join(folder, 'busy.db')
    const store = openSqliteStore(file)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const insert = store.insert([encode({ _id: 'a' })])
    const replace = assert.rejects(store.replace(encode({ _id: 'a' })), { fault: 'unavailable' })
    const remove = assert.rejects(store.remove('a'), { fault: 'unavailable' })
    let answered = false
    void insert.then(() => {
      answered = true
    })
    let reads = 0
    for (; !answered; reads++) {
      assert.equal(await store.get('a'), undefined)
      await nextTurn()
    }
    assert.ok(reads > 100, `others go on: ${reads} reads`)
    const [result] = await insert
    assert.ok(result && !result.ok && result.reason === 'failed')
    assert.equal(result.error.fault, 'unavailable')
    await Promise.all([replace, remove])
    other.exec('ROLLBACK')
    other.close()
    assert.deepEqual(await store.insert([encode({ _id: 'a' })]), [{ ok: true }])
    await store.close()
  })

  it('writes as soon as the other process is done, in the order in which it was asked', async () => {
    const file = join(folder, 'waits.db')
    const store = openSqliteStore(file)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const writes = Promise.all([
      store.replace(encode({ _id: 'a', n: 1 })),
      store.remove('a'),
      store.replace(encode({ _id: 'a', n: 2 })),
      store.replace(encode({ _id: 'a', n: 3 }), 'exists'),
    ])
    await sleep(100)
    other.exec('COMMIT')
    other.close()
    assert.deepEqual(await writes, ['created', 'removed', 'created', 'replaced'])
    await store.close()
  })

  it('refuses writes beyond ten thousand that wait, at once', async () => {
    const file = join(folder, 'many.db')
    const store = openSqliteStore(file)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const writes = Array.from({ length: 10_100 }, (_, n) => store.remove(`${n}`))
    const faults = await Promise.allSettled(writes)
    const counts = new Map<unknown, number>()
    for (const result of faults) {
      assert.ok(result.status === 'rejected')
      const { fault } = result.reason
      counts.set(fault, (counts.get(fault) ?? 0) + 1)
    }
    // One is being tried while ten thousand wait.
    assert.deepEqual(Object.fromEntries(counts), { unavailable: 10_001, overloaded: 99 })
    other.close()
    await store.close()
  })

  it('is opened while another process writes, and says so until it can write', async () => {
    const file = join(folder, 'opened.db')
    await openSqliteStore(file).close()
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const store = openSqliteStore(file)
    await assert.rejects(store.ping(), { fault: 'unavailable', message: /Another process/ })
    other.exec('ROLLBACK')
    await store.ping()
    other.exec('BEGIN IMMEDIATE')
    await store.ping()
    other.close()
    await store.close()
  })

  it('makes its files for their owner alone, and keeps the mode of one that is there', async () => {
    const modes = (file: string) =>
      ['', '-wal', '-shm'].map((suffix) => (statSync(file + suffix).mode & 0o777).toString(8))
    const umask = process.umask(0)
    try {
      const file = join(folder, 'mode.db')
      const store = openSqliteStore(file)
      await store.insert([encode({ _id: 'a' })])
      assert.deepEqual(modes(file), ['600', '600', '600'])
      await store.close()
      chmodSync(file, 0o640)
      const again = openSqliteStore(file)
      await again.insert([encode({ _id: 'b' })])
      assert.deepEqual(modes(file), ['640', '640', '640'])
      await again.close()
    } finally {
      process.umask(umask)
    }
  })

  it('says how many documents it holds, up to a bound', async () => {
    const file = join(folder, 'described.db')
    const store = openSqliteStore(file)
    assert.equal(await store.count(), '0')
    await store.insert([encode({ _id: 'a' })])
    assert.equal(await store.count(), '1')
    const other = new DatabaseSync(file)
    other.exec(
      'INSERT INTO documents WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c LIMIT 100001) SELECT x, x, x FROM c',
    )
    other.close()
    assert.equal(await store.count(), 'over 100000')
    await store.close()
  })

  it('refuses a file that was cut within its last page, unless the log has that page', async () => {
    const file = join(folder, 'whole.db')
    const store = openSqliteStore(file)
    await store.insert([encode({ _id: 'a' })])
    const killed = join(folder, 'killed.db')
    for (const end of ['', '-wal']) copyFileSync(file + end, killed + end)
    await store.close()
    const { size } = statSync(file)
    for (const at of [1, 16, 100, 8191, size - 8191, size - 1]) {
      const copy = join(folder, `cut-${at}.db`)
      copyFileSync(file, copy)
      truncateSync(copy, at)
      assert.throws(
        () => openSqliteStore(copy),
        /cut-\d+\.db cannot be used: .*(cut|not a database)/,
      )
      assert.equal(statSync(copy).size, at)
    }
    truncateSync(killed, statSync(killed).size - 1)
    const recovered = openSqliteStore(killed)
    assert.ok(await recovered.get('a'))
    await recovered.close()
  })

  it('refuses a file whose log has a damaged head, whatever the size of its pages', async () => {
    for (const size of [4096, 8192]) {
      const file = join(folder, `pages-${size}.db`)
      const empty = new DatabaseSync(file)
      empty.exec(`PRAGMA page_size = ${size}; PRAGMA journal_mode = WAL; VACUUM`)
      empty.close()
      const store = openSqliteStore(file)
      for (const _id of ['a', 'b', 'c']) await store.insert([encode({ _id })])
      const copy = join(folder, `head-${size}.db`)
      for (const end of ['', '-wal']) copyFileSync(file + end, copy + end)
      await store.close()
      assert.equal(readFileSync(copy).readUInt16BE(16), size)
      const log = readFileSync(`${copy}-wal`)
      log[8] = 0xff
      writeFileSync(`${copy}-wal`, log)
      assert.throws(() => openSqliteStore(copy), /damaged or cut at byte 0/)
    }
  })

  it('gives no document that is not as it was written', async () => {
    const file = join(folder, 'flipped.db')
    const store = openSqliteStore(file)
    await store.insert([encode({ _id: 'a', text: 'right' })])
    const other = new DatabaseSync(file)
    other.exec("UPDATE documents SET json = replace(json, 'right', 'wrong')")
    other.close()
    const damaged = { fault: 'unavailable', message: /damaged/ }
    await assert.rejects(store.get('a'), damaged)
    await assert.rejects(store.list()[Symbol.asyncIterator]().next(), damaged)
    await assert.rejects(
      store.replace(encode({ _id: 'a' }), () => true),
      damaged,
    )
    assert.equal(await store.replace(encode({ _id: 'a' })), 'replaced', 'it can be put right')
    assert.ok(await store.get('a'))
    await store.close()
  })

  it('closes after what it has begun', async () => {
    const file = join(folder, 'closing.db')
    const store = openSqliteStore(file)
    const insert = store.insert([encode({ _id: 'last' })])
    await store.close()
    assert.deepEqual(await insert, [{ ok: true }])
    await store.close()
    const again = openSqliteStore(file)
    assert.ok(await again.get('last'))
    await again.close()
    await assert.rejects(again.get('last'), { name: 'StoreError' })
  })
})

const sqlite = (errcode: number) => Object.assign(new Error('SQLite says'), { errcode })
const system = (code: string) => Object.assign(new Error('the system says'), { code })

describe('an error of SQLite', () => {
  it('becomes what it means for a request', () => {
    const faults: [Error, string, RegExp][] = [
      [sqlite(5), 'unavailable', /Another process/],
      [sqlite(0x0105), 'unavailable', /Another process/], // SQLITE_BUSY_RECOVERY
      [sqlite(8), 'full', /cannot be written/],
      [sqlite(10), 'unavailable', /disk/],
      [sqlite(11), 'unavailable', /damaged/],
      [sqlite(13), 'full', /disk is full/],
      [sqlite(26), 'unavailable', /not a database/],
      [system('ENOSPC'), 'full', /disk is full/],
      [system('EACCES'), 'unavailable', /folder cannot be written/],
      [system('ENOENT'), 'unavailable', /folder cannot be written/],
      [system('ESOMETHING'), 'failed', /failed/],
      [sqlite(1), 'failed', /failed/],
    ]
    for (const [error, fault, message] of faults) {
      const known = sqliteError(error)
      assert.equal(known.fault, fault, message.source)
      assert.match(known.message, message)
      assert.equal(known.cause, error)
    }
    assert.equal(sqliteError('text').fault, 'failed')
    const own = new StoreError('full', 'x')
    assert.equal(sqliteError(own), own)
  })
})
