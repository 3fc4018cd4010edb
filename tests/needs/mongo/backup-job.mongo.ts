// The nightly job's own work on a real database: a backup counts only if it gives every byte back.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { MongoClient } from 'mongodb'
import { compareStore, fillStore, writeFile } from '../../../src/backup/backup-file.ts'
import { listBackups, removeOldBackups } from '../../../src/backup/backup-folder.ts'
import { type JobContext, makeBackup } from '../../../src/backup/make-backup.ts'
import { type Database, restoreBackup } from '../../../src/backup/restore-backup.ts'
import type { DocumentStore } from '../../../src/store/document-store.ts'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { openSwap } from '../../../src/store/mongo-swap.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { encode } from '../../suites/store-contract.ts'
import { runToEnd } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

describe('the backup job', { timeout: 120_000 }, () => {
  let client: MongoClient
  before(() => {
    client = new MongoClient(server.uri)
  })
  const stores: DocumentStore[] = []
  const openStore = (of: Database) => {
    const store = openMongoStore(of)
    stores.push(store)
    return store
  }
  after(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await client.close()
  })

  /** A collection of N documents, and a folder for its backups. */
  async function world(documents: number) {
    const { DB_NAME: database, DB_COLLECTION: collection } = server.place()
    const of: Database = { uri: server.uri, database, collection, indexes: [] }
    const said: string[] = []
    const place: JobContext = {
      folder: temporaryFolder(),
      scratch: temporaryFolder(),
      job: 'job-1',
      say: (words) => said.push(words),
    }
    const store = openStore(of)
    const many = Array.from({ length: documents }, (_, n) =>
      encode({
        _id: `d${`${n}`.padStart(5, '0')}`,
        n,
        '3': 'three',
        text: `ü${'x'.repeat(n % 90)}`,
      }),
    )
    if (documents > 0) await store.insert(many)
    const run = (task: string) =>
      runToEnd(
        {
          MONGODB_URI: server.uri,
          DB_NAME: database,
          DB_COLLECTION: collection,
          BACKUP_TASK: task,
        },
        [process.execPath, '--import', 'tsx', 'src/backup/main.ts', place.folder, place.scratch],
      )
    const collections = async () =>
      (await client.db(database).listCollections({}, { nameOnly: true }).toArray()).map(
        ({ name }) => name,
      )
    return { of, place, said, store, run, collections }
  }

  it('writes what GET /data gives, and the pods know when', async () => {
    const { place, store, run } = await world(500)
    const { code, stdout, stderr } = await run('backup')
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /^500 documents are in (data-service-\S+), restored and compared$/m)
    const [made] = listBackups(place.folder)
    const lines = gunzipSync(readFileSync(join(place.folder, made?.name ?? ''))).toString()
    assert.match(lines, /^\{"_id":"d00000","3":"three","n":0,"text":"ü"\}\n/)
    assert.equal(lines.split('\n').length, 501)
    assert.deepEqual(readdirSync(place.scratch), [])
    await store.ping()
    assert.ok(Date.now() - (store.backedUp ?? 0) < 60_000)
  })

  it('makes no file of a database without documents, which is a failure once there was a backup', async () => {
    const { place, run, of } = await world(0)
    const first = await run('backup')
    assert.equal(first.code, 0, first.stdout)
    assert.match(
      first.stdout,
      /has no documents yet: there is nothing to back up\nthere is no backup yet/,
    )
    await client.db(of.database).collection(of.collection).insertOne({ n: 1 })
    assert.equal((await run('backup')).code, 0)
    await client.db(of.database).collection(of.collection).deleteMany({})
    const last = await run('backup')
    assert.equal(last.code, 1)
    assert.match(
      last.stdout,
      /^FAILED: the database has no documents, and earlier backups have some$/m,
    )
    assert.match(last.stdout, /^the last good backup is data-service-/m)
    assert.equal(readdirSync(place.folder).length, 1)
  })

  it('fails for what another program wrote and JSON cannot give back, and names it', async () => {
    const { place, run, of } = await world(1)
    await client
      .db(of.database)
      .collection(of.collection)
      .insertOne({ at: new Date(0) })
    const { code, stdout } = await run('backup')
    assert.equal(code, 1)
    assert.match(
      stdout,
      /^FAILED: document 2, .*cannot be restored: .*mongodump keeps such documents/m,
    )
    assert.match(stdout, /^there is no earlier backup$/m)
    assert.deepEqual(readdirSync(place.folder), [])
  })

  it('finds one flipped byte, wherever in the file it is', async () => {
    const { place, store } = await world(300)
    const file = join(place.folder, 'x.part')
    const { digest } = await writeFile(store, file)
    const bytes = readFileSync(file)
    for (const at of [20, bytes.length >> 1, bytes.length - 6, bytes.length - 1]) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 0x10
      writeFileSync(file, flipped)
      const scratch = openSqliteStore(join(temporaryFolder(), 'a.db'))
      const outcome = await fillStore(scratch, file)
        .then(() => compareStore(scratch, file))
        .catch((error: Error) => error.message)
      assert.notEqual(outcome, digest, `byte ${at}`)
      assert.match(outcome, /is damaged|cannot be restored/, `byte ${at}`)
      await scratch.close()
    }
  })

  it('finds a restored store that differs from its file', async () => {
    const { place, store } = await world(300)
    const file = join(place.folder, 'x.part')
    await writeFile(store, file)
    await store.replace(encode({ _id: 'd00150', n: -1 }))
    await assert.rejects(compareStore(store, file), /differs from x\.part at byte \d+$/)
    await store.remove('d00150')
    await assert.rejects(compareStore(store, file), /differs from/)
  })

  it('keeps the newest seven and the one that is spared, and removes what a killed job left', async () => {
    const { place, said, store } = await world(3)
    for (let day = 1; day <= 9; day++) {
      writeFileSync(join(place.folder, `data-service-2026-01-0${day}T01-30-00Z.ndjson.gz`), 'x')
    }
    const dead = join(place.folder, 'job-0.ndjson.gz.part')
    for (const name of [dead, join(place.folder, 'job-2.ndjson.gz.part')]) writeFileSync(name, '')
    utimesSync(dead, 0, 0)
    const made = await makeBackup(store, {
      ...place,
      spared: 'data-service-2026-01-01T01-30-00Z.ndjson.gz',
    })
    assert.equal(made?.documents, 3)
    const names = readdirSync(place.folder).sort()
    assert.deepEqual(
      names.map((name) => /-01-(0\d)T|^(job-\d)/.exec(name)?.slice(1).join('') ?? 'new'),
      ['01', '04', '05', '06', '07', '08', '09', 'new', 'job-2'],
    )
    assert.ok(said.some((words) => words.startsWith('removed job-0.ndjson.gz.part')))
    assert.equal(removeOldBackups(place.folder).length, 1)
  })

  it('restores: what was written since becomes a backup of its own, and nothing else is left', async () => {
    const { of, place, store, run, collections } = await world(200)
    assert.equal((await run('backup')).code, 0)
    await store.insert([encode({ _id: 'later' })])
    await store.remove('d00000')
    const { code, stdout } = await run('restore latest')
    assert.equal(code, 0, stdout)
    assert.equal(await store.get('later'), undefined)
    assert.ok(await store.get('d00000'))
    const [, aside = ''] = /the earlier ones are in (\S+):/.exec(stdout) ?? []
    const lines = gunzipSync(readFileSync(join(place.folder, aside))).toString()
    assert.match(lines, /"_id":"later"/)
    assert.doesNotMatch(lines, /"_id":"d00000"/)
    const left = (await collections()).filter(
      (name) => /aside|restored/.test(name) && name.startsWith(of.collection),
    )
    assert.deepEqual(left, [])
  })

  it('restores nothing from a file that is damaged or not there', async () => {
    const { place, store, run } = await world(200)
    assert.equal((await run('backup')).code, 0)
    const [{ name = '' } = {}] = listBackups(place.folder)
    const file = join(place.folder, name)
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(file, bytes)
    await store.insert([encode({ _id: 'later' })])
    const damaged = await run(`restore ${name}`)
    assert.equal(damaged.code, 1)
    assert.match(damaged.stdout, /^FAILED: .*(?:is damaged|cannot be restored)/m)
    assert.ok(await store.get('later'))
    const missing = await run('restore other.ndjson.gz')
    assert.match(
      missing.stdout,
      /^FAILED: there is no backup "other\.ndjson\.gz": there are data-service-/m,
    )
  })

  it('refuses writes while the documents are swapped, and takes them again', async () => {
    const { of, place, store, run } = await world(50)
    assert.equal((await run('backup')).code, 0)
    const [{ name = '' } = {}] = listBackups(place.folder)
    const swap = openSwap({ ...of, by: 'test' })
    const taken: string[] = []
    const faults = new Set<string>()
    let running = true
    const pods = [store, openStore(of)]
    const writing = pods.map(async (pod, at) => {
      for (let n = 0; running; n++) {
        const id = `w${at}-${n}`
        const [result] = await pod.insert([encode({ _id: id })])
        if (result?.ok) taken.push(id)
        else if (result?.reason === 'failed')
          faults.add(`${result.error.fault} ${result.error.message}`)
        await Promise.all([pod.ping(), sleep(20)])
      }
    })
    await restoreBackup(join(place.folder, name), of, swap, place)
    await sleep(300)
    const since = taken.length
    await sleep(300)
    running = false
    await Promise.all(writing)
    assert.ok(taken.length > since, 'writes go on')
    assert.deepEqual(
      [...faults],
      ['unavailable The documents are being replaced by those of a backup: ask again in a moment.'],
    )
    const aside = listBackups(place.folder).map((each) =>
      gunzipSync(readFileSync(join(place.folder, each.name))).toString(),
    )
    for (const id of taken) {
      const there =
        (await store.get(id)) !== undefined || aside.some((text) => text.includes(`"${id}"`))
      assert.ok(there, id)
    }
    await swap.close()
  })

  it('backs up what a killed restore has put aside, and forgets that it asked for silence', async () => {
    const { of, place, store, run, collections } = await world(20)
    const db = client.db(of.database)
    await db.collection(`${of.collection}.aside.1`).insertOne({ left: 'over' })
    await db
      .collection<{ _id: string; by: string; at: Date }>(`${of.collection}.state`)
      .insertOne({ _id: 'restore', by: 'killed', at: new Date(Date.now() - 120_000) })
    await store.ping()
    const [refused] = await store.insert([encode({ _id: 'x' })])
    assert.ok(!refused?.ok)
    const { code, stdout } = await run('backup')
    assert.equal(code, 0, stdout)
    assert.match(stdout, /what a restore had put aside is in data-service-/)
    assert.equal(listBackups(place.folder).length, 2)
    assert.ok(!(await collections()).includes(`${of.collection}.aside.1`))
    await store.ping()
    assert.deepEqual(await store.insert([encode({ _id: 'x' })]), [{ ok: true }])
  })

  it('says what it can be asked for', async () => {
    const { place, run } = await world(5)
    const { code, stdout } = await run('nonsense')
    assert.equal(code, 1)
    assert.match(stdout, /BACKUP_TASK is backup, list or restore FILE, not nonsense/)
    assert.deepEqual(readdirSync(place.folder), [])
  })
})
