// Few bytes that ask for much work: pipelined requests for what is large or costs time.
import assert from 'node:assert/strict'
import type { Client } from '../../client.ts'
import type { CostAttack } from './attack.ts'
import { again, leaving, polling, unread } from './clients.ts'
import { filled, head, headers, joined, json, MiB, times, withBody } from './requests.ts'

/** A document of 16 MiB less what its keys and BSON's lengths take. */
const large = () => joined('{"s":"', filled('x', 16 * MiB - 200), '"}')
const largeIds = ['large', 'large2', 'large3']
const seedLarge = async (api: Client) => {
  const headers = { 'content-type': 'application/json' }
  for (const id of largeIds) {
    const { status, text } = await api.send('PUT', `/data/${id}`, { body: large(), headers })
    assert.equal(status, 201, text)
  }
}
const seedList = async (api: Client) => {
  const lines = `${JSON.stringify({ text: 'x'.repeat(900) })}\n`.repeat(20_000)
  await api.post(lines, { 'content-type': 'application/x-ndjson' })
}

const html = headers('Accept: text/html', 'Accept-Encoding: gzip')
const hundred = (method: string, more = '', target = '/data/large') =>
  times(head(method, target, more), 100)
const onlyLarge = { seed: seedLarge, seconds: 12 }
const megabyte = () => joined('{"a":"', filled('x', MiB - 20), '"}')

export const multipliedWork: readonly CostAttack[] = [
  {
    name: '100 pipelined HEAD of a document of 16 MiB',
    short: 'MAX_BODY=32MiB',
    bothStores: true,
    ...onlyLarge,
    run: again(1, () => hundred('HEAD'), 100),
  },
  {
    name: '100 pipelined GET of a document of 16 MiB',
    short: 'default limits',
    bothStores: true,
    ...onlyLarge,
    run: again(1, () => hundred('GET'), 100),
  },
  {
    name: '100 pipelined GET of a document of 16 MiB, unread',
    ...onlyLarge,
    run: unread(1, () => hundred('GET')),
  },
  {
    name: '100 pipelined HEAD of a document of 16 MiB on each of 20 connections',
    ...onlyLarge,
    run: again(20, () => hundred('HEAD'), 100),
  },
  {
    name: '100 pipelined GET of a document of 16 MiB on each of 20 connections',
    ...onlyLarge,
    run: again(20, () => hundred('GET'), 100),
  },
  {
    name: 'a GET of a document of 16 MiB on each of 50 connections',
    ...onlyLarge,
    bothStores: true,
    run: again(50, () => head('GET', '/data/large')),
  },
  {
    name: 'documents of 16 MiB, three in turn, on 20 connections that do not read',
    ...onlyLarge,
    run: unread(20, () => times(largeIds.map((id) => head('GET', `/data/${id}`)).join(''), 10)),
  },
  {
    name: '100 pipelined GET with an If-None-Match that fits none',
    ...onlyLarge,
    run: again(4, () => hundred('GET', headers('If-None-Match: "no"')), 100),
  },
  {
    name: '100 pipelined GET with an If-Match that fits none',
    ...onlyLarge,
    run: again(4, () => hundred('GET', headers('If-Match: "no"')), 100),
  },
  {
    name: '100 pipelined DELETE of a document of 16 MiB, with an If-Match that fits none',
    ...onlyLarge,
    bothStores: true,
    run: again(4, () => hundred('DELETE', headers('If-Match: "no"')), 100),
  },
  {
    name: '100 pipelined PUT onto a document of 16 MiB, with an If-Match of 500 wrong tags',
    ...onlyLarge,
    bothStores: true,
    run: again(
      4,
      () =>
        times(
          withBody(
            'PUT',
            '/data/large',
            json,
            '{}',
            headers(`If-Match: ${Array(500).fill('"no"').join()}`),
          ).toString(),
          100,
        ),
      100,
    ),
  },
  {
    name: '100 pipelined pages of a document of 16 MiB',
    ...onlyLarge,
    run: again(4, () => hundred('GET', html, '/page/documents/large'), 100),
  },
  {
    name: 'the list of three documents of 16 MiB, 100 pipelined',
    ...onlyLarge,
    run: again(4, () => hundred('GET', '', '/data?limit=3'), 100),
  },
  {
    name: 'HEAD of the list, 10,000 pipelined',
    bothStores: true,
    seed: seedList,
    run: again(4, () => times(head('HEAD', '/data'), 10_000), 10_000),
  },
  {
    name: 'pages of 10,000 documents, 100 pipelined, left at once',
    seed: seedList,
    short: 'default limits',
    run: leaving(
      20,
      () => hundred('GET', '', '/data?limit=10000'),
      30,
      (wire) => wire.reset(),
    ),
  },
  {
    name: 'pages of 10,000 documents, HEAD, 1,000 pipelined',
    bothStores: true,
    seed: seedList,
    run: again(4, () => times(head('HEAD', '/data?limit=10000'), 1_000), 1_000),
  },
  {
    name: 'OPTIONS, 100,000 pipelined',
    run: again(2, () => times(head('OPTIONS', '/data'), 100_000), 100_000),
  },
  {
    name: 'addresses that are not there, 100,000 pipelined',
    run: again(2, () => times(head('GET', '/none'), 100_000), 100_000),
  },
  {
    name: 'PUT of 1 MiB, 30 pipelined, on four connections',
    bothStores: true,
    run: again(
      4,
      () => Buffer.concat(Array(30).fill(withBody('PUT', '/data/one', json, megabyte()))),
      30,
    ),
  },
  {
    name: 'POST of 1 MiB without waiting, on eight connections',
    run: unread(8, () => withBody('POST', '/data', json, megabyte())),
  },
  {
    name: 'metrics by 20 connections that do not read',
    run: unread(20, () => times(head('GET', '/metrics'), 1_000)),
  },
  {
    name: 'the OpenAPI document by 20 connections that do not read',
    run: unread(20, () => times(head('GET', '/openapi.json'), 1_000)),
  },
  {
    name: 'the page compressed, 1,000 pipelined on 20 connections',
    short: 'default limits',
    seed: seedList,
    run: again(20, () => times(head('GET', '/', html), 1_000), 1_000),
  },
  {
    name: 'the newest documents asked for by 1,000 pages every 2 s',
    bothStores: true,
    seed: seedList,
    run: polling(1_000, () => head('GET', '/page/newest', html), 2_000),
  },
  {
    name: 'pipelined requests by 200 half-closed clients',
    run: leaving(
      200,
      () => times(head('GET', '/data/none'), 100),
      50,
      ({ socket }) => {
        socket.end()
        setTimeout(() => socket.destroy(), 1_000)
      },
    ),
  },
]
