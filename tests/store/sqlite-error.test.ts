// What SQLite's and the file system's errors become.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sqliteError } from '../../src/store/sqlite-error.ts'
import { StoreError } from '../../src/store/store-error.ts'

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
