// Few bytes that ask for much work: pipelined requests for documents of 16 MiB.
import type { CostAttack } from './attack.ts'
import { again, unread } from './clients.ts'
import { head, headers, json, times, withBody } from './requests.ts'
import { seedLarge } from './seeds.ts'

const html = headers('Accept: text/html', 'Accept-Encoding: gzip')
const hundred = (method: string, more = '', target = '/data/large') =>
  times(head(method, target, more), 100)
const onlyLarge = { seed: seedLarge, seconds: 12 }

export const largeDocuments: readonly CostAttack[] = [
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
    run: unread(20, () =>
      times(['large', 'large2', 'large3'].map((id) => head('GET', `/data/${id}`)).join(''), 10),
    ),
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
]
