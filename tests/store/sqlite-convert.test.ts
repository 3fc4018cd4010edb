// Data files of versions 1 and 2, whose documents were BSON: they are converted when they are opened.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import type { EncodedDocument } from '../../src/codec/encoded-document.ts'
import { beginningClaim, claimedId, encodeClaim } from '../../src/store/claim.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { encode, listedTexts, textOf } from '../suites/store-contract.ts'
import { anyDocument } from '../support/any-json.ts'
import { countries } from '../support/countries.ts'
import { writeEarlierFile } from '../support/earlier-file.ts'
import { stringifyExact } from '../support/exact-json.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const parser = new DocumentParser()
let files = 0
const newFile = () => join(folder, `${files++}.db`)

async function parsed(texts: readonly string[]): Promise<EncodedDocument[]> {
  const documents: EncodedDocument[] = []
  for (const text of texts) {
    const body = await parser.parseBody(Buffer.from(text))
    assert.ok(body.kind === 'one')
    documents.push(body.document)
  }
  return documents
}

/** What a new store holds after the same documents were inserted into it. */
async function inserted(documents: readonly EncodedDocument[]): Promise<string[]> {
  const store = openSqliteStore(newFile())
  for (let at = 0; at < documents.length; at += 1000) {
    const results = await store.insert(documents.slice(at, at + 1000))
    assert.ok(results.every(({ ok }) => ok))
  }
  const texts = await listedTexts(store)
  await store.close()
  return texts
}

const versionOf = (file: string) => {
  const db = new DatabaseSync(file)
  const row = db.prepare('PRAGMA user_version').get()
  db.close()
  return row?.user_version
}

describe('a data file of an earlier version', () => {
  for (const version of [1, 2] as const) {
    it(`of version ${version} holds the same as if its documents were inserted`, async () => {
      const any = fc.sample(anyDocument, 300).map(stringifyExact)
      const sent = [...any, ...countries.map((country) => JSON.stringify(country))]
      const documents = [
        ...(await parsed(sent)),
        ...(await parsed(['{"_id":"ä\\"\\u0001","n":1.0}', '{"_id":"null"}', '{"_id":"01"}'])),
        encode({ _id: 'large', text: 'x"\u0001ä'.repeat(100_000) }),
      ]
      const file = newFile()
      writeEarlierFile(file, version, documents)
      const words: string[] = []
      const store = openSqliteStore(file, (said) => words.push(said))
      assert.deepEqual(await listedTexts(store), await inserted(documents))
      assert.match(words.join(), new RegExp(`of version ${version}: its documents are converted`))
      assert.deepEqual(await store.insert([encode({ _id: 'new' })]), [{ ok: true }])
      await store.close()
      assert.equal(versionOf(file), 3)
      const again = openSqliteStore(file, assert.fail)
      assert.equal((await listedTexts(again)).length, documents.length + 1)
      await again.close()
    })
  }

  it('keeps its claims', async () => {
    const [name, id] = ['a'.repeat(24), 'b'.repeat(24)]
    const file = newFile()
    const claims = [encodeClaim(name, id), encodeClaim(beginningClaim, 'c'.repeat(24))]
    writeEarlierFile(file, 2, [encode({ _id: 'a' })], claims)
    const store = openSqliteStore(file)
    const claim = await store.claims.get(name)
    assert.equal(claim && claimedId(claim), id)
    assert.deepEqual(await store.claims.insert([encodeClaim(name, 'd'.repeat(24))]), [
      { ok: false, reason: 'duplicate' },
    ])
    await store.close()
  })

  it('keeps a document that is damaged as it is, and gives all others', async () => {
    const file = newFile()
    writeEarlierFile(file, 2, [encode({ _id: 'a', text: 'right' }), encode({ _id: 'b' })])
    const db = new DatabaseSync(file)
    const wrong = "UPDATE documents SET bson = CAST(replace(bson, 'right', 'wrong') AS BLOB)"
    db.exec(`${wrong} WHERE key = x'0261'`)
    db.close()
    const words: string[] = []
    const store = openSqliteStore(file, (said) => words.push(said))
    assert.match(words.at(-1) ?? '', /^1 documents are damaged/)
    await assert.rejects(store.get('a'), { fault: 'unavailable', message: /damaged/ })
    assert.equal(textOf(await store.get('b')), '{"_id":"b"}')
    await store.close()
  })

  it('says how far it is, and does not make the file larger', async (t) => {
    const file = newFile()
    const document = { name: 'Ada Lovelace', bio: 'x'.repeat(900), age: 36, rights: [true, 1.5] }
    const documents = function* () {
      for (let n = 0; n < 5000; n++) yield encode({ ...document, n })
    }
    writeEarlierFile(file, 2, documents())
    const before = statSync(file).size
    const words: string[] = []
    let now = 0
    const clock = t.mock.method(performance, 'now', () => (now += 1500))
    const store = openSqliteStore(file, (said) => words.push(said))
    clock.mock.restore()
    await store.close()
    // Every two seconds, and each document took one and a half.
    assert.match(words.at(1) ?? '', /^2 of 5,000 documents are converted$/)
    assert.match(words.at(-1) ?? '', /^5,000 of 5,000/)
    const grown = statSync(file).size / before
    assert.ok(grown < 1.1, `${grown}`)
  })

  it('is refused if it is newer', () => {
    const file = newFile()
    openSqliteStore(file)
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 5')
    db.close()
    assert.throws(() => openSqliteStore(file), /its version 5 is newer than this service/)
  })
})
