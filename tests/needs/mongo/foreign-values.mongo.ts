// Members of every type that other programs write: in a sort each has one place, and a page.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb'
import type { Client } from '../../support/client.ts'
import { idsOfPages, type ServedCollection, serveCollection } from './foreign-collection.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

// In MongoDB's order. Decimals lie between doubles, though none beside its nearest one: the stand-in for mongod takes
// those for the same.
const values: unknown[] = [
  new MinKey(),
  [],
  null,
  new Double(Number.NaN),
  new Double(Number.NEGATIVE_INFINITY),
  Decimal128.fromString('-1E+400'),
  Decimal128.fromString('-0.3'),
  Decimal128.fromString('-1E-400'),
  new Double(0),
  Decimal128.fromString('1E-6000'),
  Decimal128.fromString('0.1'),
  Decimal128.fromString('0.3'),
  Decimal128.fromString('1.1'),
  Decimal128.fromString('1.100000000000000000000000000000001'),
  Decimal128.fromString('1.5'),
  new Double(9007199254740992),
  Long.fromString('9007199254740993'),
  Decimal128.fromString('9007199254740993.5'),
  new Double(Number.MAX_VALUE),
  Decimal128.fromString('1E+400'),
  new Double(Number.POSITIVE_INFINITY),
  'a',
  { a: new Int32(1) },
  { a: new Date(0) },
  [[new Int32(5)]],
  // MongoDB compares the lengths first; the stand-in for mongod does not, so here the bytes say the same.
  new Binary(Buffer.from('ab')),
  new Binary(Buffer.from('zz')),
  new UUID('8e03978e-40d5-43e8-bc93-6894a57f9324'),
  new UUID('fe03978e-40d5-43e8-bc93-6894a57f9324'),
  new ObjectId('0123456789abcdef01234567'),
  true,
  new Date(-5),
  new Timestamp({ t: 5, i: 2 }),
  new Timestamp({ t: 4_000_000_000, i: 1 }),
  new BSONRegExp('a', 'i'),
  new Code('f()'),
  new MaxKey(),
]

describe('documents with a member of any type', () => {
  let served: ServedCollection
  let api: Client
  before(async () => {
    served = await serveCollection(
      server.uri,
      values.map((v, n) => ({ _id: n, n, v, list: [{ v }] })),
    )
    api = served.api
  })
  after(() => served.close())

  it('are each in one page of a sort by it, in MongoDB’s order', async () => {
    const all = values.map((_, n) => n)
    for (const [sort, expected] of [
      ['v', all],
      ['-v', all.toReversed()],
      ['v,-_id', all],
      ['list.v', all],
    ] as const) {
      for (const limit of [1, 3, 100]) {
        const found = await idsOfPages(api, `/data?sort=${sort}&limit=${limit}`)
        assert.deepEqual(found, expected, `${sort} by ${limit}`)
      }
    }
  })

  it('have no page after a place that no document can have', async () => {
    const first = await api.get('/data?sort=v&limit=1')
    const link = /^<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const [path = '', cursor = ''] = link.split('after=')
    const bytes = Buffer.from(cursor, 'base64url')
    for (let at = 11; at < bytes.length; at++) {
      for (const flip of [0x01, 0x0f, 0x40, 0xff]) {
        const made = Buffer.from(bytes)
        made[at] = (made[at] ?? 0) ^ flip
        const { status, text } = await api.get(`${path}after=${made.toString('base64url')}`)
        assert.ok([200, 400, 422].includes(status), text)
      }
    }
  })
})
