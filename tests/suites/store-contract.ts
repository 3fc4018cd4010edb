// What every store must do: one suite for all adapters, with the same expectations in the same order.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BSON } from 'mongodb'
import { newObjectId } from '../../src/codec/document-id.ts'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { type DocumentText, textOfBson } from '../../src/codec/document-text.ts'
import type { EncodedDocument } from '../../src/codec/encoded-document.ts'
import { withId } from '../../src/codec/encoded-document.ts'
import type { DocumentStore, Range } from '../../src/store/document-store.ts'

const parser = new DocumentParser()

/** A document from a JavaScript value. */
export function encode(value: Readonly<Record<string, unknown>>): EncodedDocument {
  const { _id = newObjectId(), ...rest } = value
  assert.ok(typeof _id === 'string')
  return { id: _id, bson: withId(_id, BSON.serialize(rest).subarray(4, -1)) }
}

/** The JSON that the store has of a document. */
export const textOf = (text: DocumentText | undefined): string | undefined =>
  text && Buffer.concat(Array.from(text.pieces(), (piece) => Buffer.from(piece))).toString()

/** The JSON that the store must have of it. */
const expectedText = (document: EncodedDocument) => textOf(textOfBson(document))

const decode = (text: DocumentText | undefined): unknown =>
  JSON.parse(textOf(text) ?? 'null') ?? undefined

/** The JSON of each document of the list. */
export async function listedTexts(
  store: DocumentStore,
  range?: Range,
  between = ',',
): Promise<string[]> {
  const texts: string[] = []
  // What of a large document came in pieces before.
  let begun = Buffer.alloc(0)
  for await (const { bytes, ends } of store.list(range, between)) {
    let start = 0
    for (const end of ends) {
      texts.push(Buffer.concat([begun, bytes.subarray(start, end)]).toString())
      begun = Buffer.alloc(0)
      start = end + between.length
      assert.ok(end === bytes.length || bytes.toString('latin1', end, start) === between)
    }
    begun = Buffer.concat([begun, bytes.subarray(start)])
  }
  assert.equal(begun.length, 0)
  return texts
}

const listed = async (store: DocumentStore, range?: Range): Promise<unknown[]> =>
  (await listedTexts(store, range)).map((text) => JSON.parse(text))

async function newest(store: DocumentStore, limit: number, before?: string): Promise<unknown[]> {
  const documents: unknown[] = []
  for await (const batch of store.newest(limit, before)) documents.push(...batch.map(decode))
  return documents
}

const ids = (documents: readonly unknown[]) =>
  documents.map((document) =>
    typeof document === 'object' && document !== null ? Reflect.get(document, '_id') : document,
  )

/** Defines the suite for an adapter. `open` opens a store that is empty. */
export function storeContract(name: string, open: () => Promise<DocumentStore>): void {
  describe(`the contract of a document store, on ${name}`, () => {
    let store: DocumentStore
    before(async () => {
      store = await open()
    })
    after(() => store.close())

    const empty = async () => {
      const left = ids(await listed(store))
      // A few at a time: more than there are connections would wait for one past their deadline.
      while (left.length > 0) {
        await Promise.all(left.splice(0, 10).map((id) => store.remove(String(id))))
      }
    }

    it('has nothing at the beginning', async () => {
      assert.deepEqual(await listed(store), [])
      assert.deepEqual(await store.page(10), { last: undefined, more: false })
      assert.deepEqual(await newest(store, 10), [])
      assert.equal(await store.get('nobody'), undefined)
    })

    it('gives back what was inserted', async () => {
      const document = encode({ _id: 'one', a: 1, b: { c: [true, null, 'x'] } })
      assert.deepEqual(await store.insert([document]), [{ ok: true }])
      assert.equal(textOf(await store.get('one')), expectedText(document))
    })

    it('gives the same JSON for the same document, whatever form its numbers came in', async () => {
      const text =
        '{"_id":"n","whole":1.0,"more":[1e2,-0.0,9223372036854775807,1e21],"é":"\\u00e9\\/"}'
      const document = await parser.parseDocument(Buffer.from(text), 'n')
      await store.insert([document])
      const expected = '{"_id":"n","whole":1,"more":[100,-0,9223372036854775807,1e+21],"é":"é/"}'
      assert.equal(textOf(await store.get('n')), expected)
      assert.deepEqual(await listedTexts(store, { after: 'm' }), [
        expected,
        ...(await listedTexts(store, { after: 'n' })),
      ])
      const again = await parser.parseDocument(Buffer.from(expected), 'n')
      const isIt = (current: DocumentText | undefined) => textOf(current) === expected
      assert.equal(await store.replace(again, isIt), 'replaced')
      assert.equal(textOf(await store.get('n')), expected)
      await store.remove('n')
    })

    it('takes an insert of nothing', async () => {
      assert.deepEqual(await store.insert([]), [])
    })

    it('gives each document of an insert its own result, in order', async () => {
      const documents = ['two', 'one', 'three', 'two'].map((_id, n) => encode({ _id, n }))
      assert.deepEqual(await store.insert(documents), [
        { ok: true },
        { ok: false, reason: 'duplicate' },
        { ok: true },
        { ok: false, reason: 'duplicate' },
      ])
      assert.deepEqual(decode(await store.get('two')), { _id: 'two', n: 0 })
      assert.deepEqual(decode(await store.get('one')), {
        _id: 'one',
        a: 1,
        b: { c: [true, null, 'x'] },
      })
    })

    it('gives back those of many ids that exist', async (t) => {
      const store = await open()
      t.after(() => store.close())
      // One that has only begun to connect writes nothing yet.
      await store.ping()
      const made = Array.from({ length: 2500 }, (_, n) => encode(n % 2 ? { n } : { _id: `m${n}` }))
      const [first, ...rest] = made
      assert.ok((await store.insert(rest)).every(({ ok }) => ok))
      const found: unknown[] = []
      for await (const batch of store.getMany(made.map(({ id }) => id))) {
        found.push(...batch.map((text) => `${text.id} ${textOf(text)}`))
      }
      const expected = rest.map((document) => `${document.id} ${expectedText(document)}`)
      assert.deepEqual(found.toSorted(), expected.toSorted())
      for await (const _ of store.getMany([first?.id ?? ''])) assert.fail('it is not there')
      for await (const _ of store.getMany([])) assert.fail('nothing was asked for')
    })

    it('keeps inserts apart that arrive together', async () => {
      const inserts = Array.from({ length: 50 }, (_, n) =>
        store.insert([encode({ _id: `many-${n % 40}`, n }), encode({ _id: `also-${n}` })]),
      )
      const results = await Promise.all(inserts)
      results.forEach((result, n) => {
        const first = n < 40 ? { ok: true } : { ok: false, reason: 'duplicate' }
        assert.deepEqual(result, [first, { ok: true }], `insert ${n}`)
      })
      await empty()
    })

    it('lists strings by their bytes, then ObjectIds, oldest first', async () => {
      await empty()
      const made = Array.from({ length: 100 }, () => newObjectId())
      const strings = ['', 'A', 'B', 'a', 'aa', 'a\u0001', 'ä', '\u{1F600}', '\uffff', '!', '~']
        .filter((text) => text !== '')
        .concat('a'.repeat(256))
      const shuffled = [...made, ...strings].sort(() => Math.random() - 0.5)
      const documents = shuffled.map((_id) => encode({ _id }))
      assert.ok((await store.insert(documents)).every(({ ok }) => ok))
      const expected = [
        ...strings.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
        ...made,
      ]
      assert.deepEqual(ids(await listed(store)), expected)
    })

    it('gives them newest first, whatever the limit', async () => {
      const all = ids(await listed(store)).toReversed()
      for (const limit of [1, 31, all.length, all.length + 1]) {
        const seen: unknown[] = []
        for (;;) {
          const before = seen.length === 0 ? undefined : String(seen.at(-1))
          const page = ids(await newest(store, limit, before))
          assert.deepEqual(page, all.slice(seen.length, seen.length + limit))
          seen.push(...page)
          if (page.length === 0) break
        }
        assert.deepEqual(seen, all, `limit ${limit}`)
      }
    })

    it('gives those before an id that nobody has', async () => {
      const all = ids(await listed(store))
      assert.deepEqual(ids(await newest(store, 2, 'aaa')), ['aa', 'a\u0001'])
      assert.deepEqual(await newest(store, 2, '!'), [])
      assert.deepEqual(ids(await newest(store, 1, 'f'.repeat(24))), [all.at(-1)])
    })

    it('pages through all of them without a gap or a repetition, whatever the size', async () => {
      const all = ids(await listed(store))
      for (const limit of [31, all.length - 1, all.length, all.length + 1]) {
        const seen: unknown[] = []
        let after: string | undefined
        for (;;) {
          const from = after === undefined ? {} : { after }
          const { last, more } = await store.page(limit, after)
          assert.ok(last !== undefined)
          const page = ids(await listed(store, { ...from, through: last }))
          assert.ok(page.length <= limit)
          assert.equal(page.at(-1), last)
          seen.push(...page)
          after = last
          if (!more) break
        }
        assert.deepEqual(seen, all, `limit ${limit}`)
      }
    })

    it('has an empty page after the last document', async () => {
      const last = String(ids(await listed(store)).at(-1))
      assert.deepEqual(await store.page(10, last), { last: undefined, more: false })
      assert.deepEqual(await listed(store, { after: last }), [])
      await empty()
    })

    it('replaces a document, and says whether there was one', async () => {
      assert.equal(await store.replace(encode({ _id: 'r', n: 1, gone: true })), 'created')
      assert.equal(await store.replace(encode({ _id: 'r', n: 2 })), 'replaced')
      assert.deepEqual(decode(await store.get('r')), { _id: 'r', n: 2 })
      const id = newObjectId()
      assert.equal(await store.replace(encode({ _id: id, n: 1 })), 'created')
      assert.deepEqual(decode(await store.get(id)), { _id: id, n: 1 })
    })

    it('keeps the JSON of a replacement, so that its entity tag is the same', async () => {
      const text = '{"_id":"r","z":1,"a":{"2":"x","1":"y"},"b":0,"list":[1,2.5,"\\u0000"]}'
      const document = await parser.parseDocument(Buffer.from(text), 'r')
      await store.replace(document)
      assert.equal(textOf(await store.get('r')), expectedText(document))
    })

    it('replaces and removes only what a precondition agrees to', async () => {
      const current = encode({ _id: 'p', $: undefined, n: 1 })
      await store.replace(current)
      const isCurrent = (text: DocumentText | undefined) => textOf(text) === expectedText(current)
      const never = () => false
      const isAbsent = (text: DocumentText | undefined) => text === undefined

      const next = encode({ _id: 'p', n: 2 })
      assert.equal(await store.replace(next, never), 'precondition failed')
      assert.equal(await store.replace(next, isAbsent), 'precondition failed')
      assert.equal(await store.remove('p', never), 'precondition failed')
      assert.equal(await store.replace(next, isCurrent), 'replaced')
      assert.equal(await store.replace(next, isCurrent), 'precondition failed')
      assert.equal(await store.remove('p', isCurrent), 'precondition failed')
      assert.deepEqual(decode(await store.get('p')), { _id: 'p', n: 2 })
      assert.equal(await store.remove('p', () => true), 'removed')
      assert.equal(await store.replace(current, isAbsent), 'created')
      await store.remove('p')
    })

    it('lets one of many writers win that saw the same state', async () => {
      for (let round = 0; round < 5; round++) {
        const seen = encode({ _id: 'race', round })
        await store.replace(seen)
        const same = (text: DocumentText | undefined) => textOf(text) === expectedText(seen)
        const results = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            store.replace(encode({ _id: 'race', round, winner: n }), same),
          ),
        )
        assert.equal(results.filter((result) => result === 'replaced').length, 1)
        assert.equal(results.filter((result) => result === 'precondition failed').length, 7)
      }
    })

    it('creates once what many put at the same time', async () => {
      for (let round = 0; round < 20; round++) {
        const put = (n: number) => store.replace(encode({ _id: `new${round}`, n }))
        const results = await Promise.all(Array.from({ length: 8 }, (_, n) => put(n)))
        assert.deepEqual(results.sort(), ['created', ...Array(7).fill('replaced')])
        await store.remove(`new${round}`)
      }
    })

    it('removes a document once', async () => {
      await store.replace(encode({ _id: 'r' }))
      assert.equal(await store.remove('r'), 'removed')
      assert.equal(await store.remove('r'), 'absent')
      assert.equal(await store.get('r'), undefined)
    })

    it('stores a document of 16 MiB, and lists it among small ones', async () => {
      await empty()
      const text = 'x'.repeat(16 * 1024 * 1024 - 40)
      const large = encode({ _id: 'large', text })
      const small = encode({ _id: 'small' })
      assert.deepEqual(await store.insert([large, small]), [{ ok: true }, { ok: true }])
      assert.deepEqual(ids(await listed(store)), ['large', 'small'])
      assert.ok(textOf(await store.get('large')) === expectedText(large))
      await empty()
    })

    it('refuses to compare documents of over 16 MiB together, and writes them without', async () => {
      const text = 'x'.repeat(9 << 20)
      await store.replace(encode({ _id: 'compared', text }))
      const next = encode({ _id: 'compared', text, n: 1 })
      await assert.rejects(
        store.replace(next, () => true),
        { fault: 'refused', message: /16 MiB together/ },
      )
      assert.equal(await store.replace(next), 'replaced')
      assert.equal(await store.remove('compared', () => true), 'removed')
    })

    it('stops a list that nobody goes on reading', async (t) => {
      const store = await open()
      t.after(() => store.close())
      // One that has only begun to connect writes nothing yet.
      await store.ping()
      await store.insert(Array.from({ length: 1200 }, (_, n) => encode({ n })))
      for await (const { bytes } of store.list()) {
        assert.ok(bytes.length > 0)
        break
      }
    })

    it('answers a ping', async () => {
      await store.ping()
    })
  })
}
