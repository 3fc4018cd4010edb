// Export and import on MongoDB, where other programs may have put what JSON lacks.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { MongoClient } from 'mongodb'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { backupSuite } from '../../suites/backup-suite.ts'
import { runService } from '../../support/running-service.ts'
import { runToEnd } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()
const folder = temporaryFolder()

backupSuite('MongoDB', server.open)

describe('an export of documents that another program wrote', () => {
  it('keeps them, and says that an import would refuse them', async (t) => {
    const database = `backup_${randomBytes(4).toString('hex')}`
    const client = new MongoClient(server.uri)
    t.after(async () => {
      await client.db(database).dropDatabase()
      await client.close()
    })
    await client
      .db(database)
      .collection<{ _id: unknown; at?: Date }>('documents')
      .insertMany([{ _id: 'a' }, { _id: 'b', at: new Date(0) }, { _id: 7 }])
    const store = openMongoStore({ uri: server.uri, database, collection: 'documents' })
    const service = await runService(store)
    t.after(() => service.close())
    const file = join(folder, 'foreign.ndjson')
    const args = [process.execPath, 'backup/export.ts', file, '--url', service.client.base]
    const { code, stderr } = await runToEnd({}, args)
    assert.equal(code, 3, stderr)
    assert.match(stderr, /an import would refuse 2 of them, which another program wrote/)
    assert.match(stderr, /^line 1, _id \{"_id":7\}: its _id is not a text$/m)
    assert.match(stderr, /^line 3, _id "b": it has values that JSON lacks$/m)
    assert.match(
      readFileSync(file, 'utf8'),
      /^\{"_id":7\}\n\{"_id":"a"\}\n\{"_id":"b","at":\{"\$date/,
    )

    // What has a form in JSON goes back in.
    const target = await runService(openSqliteStore(join(folder, 'foreign.db')))
    t.after(() => target.close())
    const options = ['--extended-json', '--url', target.client.base]
    const back = await runToEnd({}, [process.execPath, 'backup/import.ts', file, ...options])
    assert.equal(back.code, 3, back.stderr)
    assert.match(back.stderr, /^line 1: it has no _id that is a text/m)
    assert.match(back.stderr, /^3 documents: 2 are new, 0 were there already, 1 were refused$/m)
    assert.match(back.stderr, /^1 dates to texts$/m)
    const { text } = await target.client.get('/data')
    assert.equal(text, '[{"_id":"a"},\n{"_id":"b","at":"1970-01-01T00:00:00.000Z"}]\n')
  })
})
