// A page of a query, within what it may take.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { findPage, findSortedPage, pageLimits } from '../../src/documents/find-page.ts'
import { Problem } from '../../src/http/problem.ts'
import { parseIndexes } from '../../src/query/indexes.ts'
import { parseQueryString } from '../../src/query/query-string.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { withIndexes } from '../suites/query-suite.ts'
import { encode } from '../suites/store-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const store = openSqliteStore(join(temporaryFolder(), 'pages.db'))
const asked = (text: string) => parseQueryString(new URLSearchParams(text))

describe('a page of a query', () => {
  after(() => store.close())

  it('ends early after enough bytes, and goes on from there', async () => {
    const text = 'x'.repeat(1000)
    await store.insert(
      Array.from({ length: 900 }, (_, n) => encode({ _id: `p${100 + n}`, n, text })),
    )
    const limits = { ...pageLimits, scannedBytes: 200_000 }
    const pageOf = async (query: string, after?: string) => {
      const question = { ...asked(query), after }
      if (!query.includes('sort')) {
        const { documents, next } = await findPage(store, question, 100, limits)
        return { count: documents?.length ?? 0, next }
      }
      const { placed, next } = await findSortedPage(store, question, 100, limits)
      return { count: placed.length, next }
    }
    for (const query of ['n:gte=890', 'n:gte=890&sort=-_id']) {
      let page = await pageOf(query)
      let [pages, found] = [1, page.count]
      for (; page.next !== undefined; pages++) {
        page = await pageOf(query, page.next)
        found += page.count
      }
      assert.equal(found, 10, query)
      assert.ok(pages > 2, `${pages} pages`)
    }
  })

  // The order of an index knows the beginning of a long text, and of two steps the first alone.
  it('goes on from where an index is cut, and never round in circles', async () => {
    const indexed = await withIndexes(
      openSqliteStore(join(temporaryFolder(), 'cut.db'), undefined, {
        indexes: parseIndexes('long,group'),
        fewEntries: 0,
      }),
    )
    const begin = 'y'.repeat(700)
    const count = 60
    await indexed.insert(
      Array.from({ length: count }, (_, n) =>
        encode({ _id: `c${100 + n}`, long: `${begin}${n % 7}`, group: n % 3, n }),
      ),
    )
    const limits = { ...pageLimits, scannedBytes: 5000 }
    for (const sort of ['long', '-long', 'group,-n', '-group,n', 'long,-_id', 'group,-_id']) {
      const query = asked(`n:gte=50&sort=${sort}`)
      const found: string[] = []
      let after: string | undefined
      let pages = 0
      do {
        const page = await findSortedPage(indexed, { ...query, after }, 4, limits)
        found.push(...page.placed.map(({ id }) => id))
        after = page.next
        pages++
        assert.ok(pages < 100, `${sort} goes round in circles`)
      } while (after !== undefined)
      const all = await findSortedPage(indexed, query, count)
      assert.deepEqual(
        found,
        all.placed.map(({ id }) => id),
        sort,
      )
      assert.equal(found.length, 10)
    }
    await indexed.close()
  })

  it('is refused if a sort would look at too much, or keep too much', async () => {
    const refused = (limits: Partial<typeof pageLimits>, words: RegExp) =>
      assert.rejects(
        findSortedPage(store, asked('sort=text'), 100, { ...pageLimits, ...limits }),
        (error) =>
          error instanceof Problem && error.code === 'index_needed' && words.test(error.message),
      )
    await refused({ candidates: 500 }, /more than 500 documents.*INDEXES=text$/)
    await refused({ selectedBytes: 50_000 }, /too long to sort/)
  })

  it('ends with an _id that a Link can hold, though another program gave longer ones', async () => {
    const long = 'y'.repeat(100_000)
    await store.insert([encode({ _id: 'a', v: 1 }), encode({ _id: `b${long}`, v: 2 })])
    await store.insert([encode({ _id: 'c', v: 3 }), encode({ _id: 'd', v: 4 })])
    const query = asked('v:gt=0&sort=v')
    const first = await findSortedPage(store, query, 2)
    assert.deepEqual(
      first.placed.map(({ id }) => id),
      ['a'],
    )
    assert.ok((first.next ?? '').length < 2048)
    const second = await findSortedPage(store, { ...query, after: first.next }, 2)
    assert.deepEqual(
      second.placed.map(({ id }) => id[0]),
      ['b', 'c'],
    )
    const between = await findSortedPage(store, asked('v:gt=0&sort=v'), 1)
    await assert.rejects(
      findSortedPage(store, { ...query, after: between.next }, 1),
      /short enough for a Link/,
    )
  })
})
