// What a program does with a client of openapi-typescript. TypeScript 5 checks it against types that are
// made from /openapi.json, then it runs against a service that is empty. Its argument is the URL.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './made/api.ts'

type Problem = components['schemas']['Problem']
type StoredDocument = components['schemas']['StoredDocument']

const [baseUrl = 'http://localhost:5000'] = process.argv.slice(2)
const { GET, POST, PUT, DELETE } = createClient<paths>({ baseUrl })
const at = (id: string) => ({ path: { id } })

/** The problem of an answer that has to be one. */
function problemOf(answer: { error?: Problem; response: Response }): Problem {
  assert.ok(answer.error, `${answer.response.status} is not a problem`)
  assert.equal(answer.error.status, answer.response.status)
  return answer.error
}

/** The document of an answer that has to be one. */
function documentOf(answer: { data?: StoredDocument; error?: Problem }): StoredDocument {
  assert.ok(answer.data, answer.error?.detail ?? 'no document')
  return answer.data
}

/** The ids of a list, and where the next page begins. */
async function listed(query: { limit?: number; after?: string } = {}) {
  const { data, response } = await GET('/data', { params: { query } })
  assert.ok(Array.isArray(data)) // a text where the client accepts NDJSON
  const [, next] = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? []
  const after = next === undefined ? null : new URL(next, baseUrl).searchParams.get('after')
  return { ids: data.map(({ _id }) => _id), after }
}

async function insertAndList(): Promise<void> {
  const one = await POST('/data', { body: { name: 'Ada', born: 1815 } })
  assert.ok(one.data && 'status' in one.data)
  assert.equal(one.data.status, 'Data inserted')
  assert.equal(one.response.headers.get('location'), `/data/${one.data._id}`)
  assert.equal(documentOf(await GET('/data/{id}', { params: at(one.data._id) })).name, 'Ada')

  const many = await POST('/data', { body: [{ _id: 'b' }, { _id: 'a' }, { _id: 'b' }] })
  assert.equal(many.response.status, 207)
  assert.ok(many.data && 'inserted' in many.data)
  assert.equal(many.data.inserted, 2)
  assert.deepEqual(many.data.ids, ['b', 'a', null])
  assert.equal(many.data.errors[0]?.code, 'duplicate_id')

  assert.deepEqual((await listed()).ids, ['a', 'b', one.data._id])
}

async function repeat(): Promise<void> {
  const key = '"8e03978e-40d5-43e8-bc93-6894a57f9324"'
  const header = { 'Idempotency-Key': key }
  const order = { params: { header }, body: { order: 7 } }
  const [first, second] = [await POST('/data', order), await POST('/data', order)]
  assert.deepEqual(second.data, first.data)
  const prefer = { Prefer: 'resolution=ignore-duplicates' }
  const again = await POST('/data', { params: { header: prefer }, body: { _id: 'a' } })
  assert.ok(again.data && 'status' in again.data)
  assert.equal(again.data.status, 'Data already there')
}

async function page(): Promise<void> {
  const ids: string[] = []
  let after: string | null = ''
  while (after !== null) {
    const part: Awaited<ReturnType<typeof listed>> = await listed(
      after === '' ? { limit: 2 } : { limit: 2, after },
    )
    ids.push(...part.ids)
    after = part.after
  }
  assert.deepEqual(ids, (await listed()).ids)
}

async function changeWithTag(): Promise<void> {
  const made = await PUT('/data/{id}', {
    params: { ...at('tagged'), header: { 'If-None-Match': '*' } },
    body: { n: 1 },
  })
  assert.equal(made.response.status, 201)
  const read = await GET('/data/{id}', { params: at('tagged') })
  const tag = read.response.headers.get('etag') ?? ''
  assert.equal(made.response.headers.get('etag'), tag)
  const fresh = { ...at('tagged'), header: { 'If-None-Match': tag } }
  assert.equal((await GET('/data/{id}', { params: fresh })).response.status, 304)

  const held = { ...at('tagged'), header: { 'If-Match': tag } }
  const changed = await PUT('/data/{id}', { params: held, body: { n: 2 } })
  assert.equal(changed.data?.status, 'Data replaced')
  const late = await PUT('/data/{id}', { params: held, body: { n: 3 } })
  assert.equal(problemOf(late).code, 'precondition_failed')
  assert.equal(problemOf(await DELETE('/data/{id}', { params: held })).code, 'precondition_failed')
  const removed = await DELETE('/data/{id}', { params: at('tagged') })
  assert.equal(removed.response.status, 204)
  assert.equal(problemOf(await GET('/data/{id}', { params: at('tagged') })).code, 'not_found')
}

async function refusals(): Promise<void> {
  const reused = await POST('/data', { body: { _id: 'a' } })
  assert.equal(problemOf(reused).code, 'duplicate_id')
  const key = await POST('/data', { body: { $where: 1 } })
  assert.equal(problemOf(key).pointer, '/$where')
  const limit = await GET('/data', { params: { query: { limit: 0 } } })
  assert.equal(problemOf(limit).code, 'invalid_query')
}

// What a path, a query or a template could spoil.
// biome-ignore format: by kind, some in a line
const odd = [
  'a/b', 'a?b=c&d', 'a#b', '100%', '%41', 'a b', ' ', 'a+b', 'ä', '😀', "it's", '"x"', '\\',
  '{id}', '{"$oid":"1"}', '[1]', '1', '~', 'a:b', 'a;b', '\n', '...', '__proto__',
]

async function oddIds(): Promise<void> {
  for (const id of odd) {
    const put = await PUT('/data/{id}', { params: at(id), body: { id } })
    assert.equal(put.response.status, 201, put.error?.detail ?? id)
    assert.deepEqual(documentOf(await GET('/data/{id}', { params: at(id) })), { _id: id, id })
    assert.ok(!(await listed({ after: id })).ids.includes(id))
    const removed = await DELETE('/data/{id}', { params: at(id) })
    assert.equal(removed.response.status, 204, id)
  }
}

/** A text that reads like Extended JSON has the address that Location says. */
async function mistakenIds(): Promise<void> {
  for (const id of ['null', '{"$numberInt":"7"}']) {
    const made = await POST('/data', { body: { _id: id } })
    const location = made.response.headers.get('location') ?? ''
    const address = decodeURIComponent(location.replace('/data/', ''))
    assert.notEqual(address, id)
    assert.deepEqual(documentOf(await GET('/data/{id}', { params: at(address) })), { _id: id })
    assert.equal((await DELETE('/data/{id}', { params: at(address) })).response.status, 204)
  }
}

await insertAndList()
await repeat()
await page()
await changeWithTag()
await refusals()
await oddIds()
await mistakenIds()
