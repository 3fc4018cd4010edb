// Requests that cost little each, many times: what is sent without waiting must wait its turn.
import type { Client } from '../../../support/client.ts'
import type { CostAttack } from './attack.ts'
import { again, leaving, polling, pouring, unread } from './clients.ts'
import {
  filled,
  head,
  headers,
  joined,
  json,
  MiB,
  ndjson,
  post,
  times,
  withBody,
} from './requests.ts'
import { put, seedList } from './seeds.ts'

const html = headers('Accept: text/html', 'Accept-Encoding: gzip')
const hundred = (target: string) => times(head('GET', target), 100)
const megabyte = () => joined('{"a":"', filled('x', MiB - 20), '"}')

const numbers = JSON.stringify(Array.from({ length: 6_000 }, (_, n) => n + 1e6))
const seedNumbers = (api: Client) => put(api, 'numbers', `{"list":${numbers}}`)

const onePager = 'one client that asks for pages of 10,000 documents'
const oneVisitor = 'one page that asks for the newest documents again and again'

export const pipelinedWork: readonly CostAttack[] = [
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
      8,
      () => hundred('/data?limit=10000'),
      30,
      (wire) => wire.reset(),
    ),
  },
  {
    name: 'pages of 10,000 documents, HEAD, 1,000 pipelined',
    bothStores: true,
    scansAs: onePager,
    seed: seedList,
    run: again(4, () => times(head('HEAD', '/data?limit=10000'), 1_000), 1_000),
  },
  {
    name: onePager,
    seed: seedList,
    run: again(1, () => head('HEAD', '/data?limit=10000')),
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
    run: pouring(8, () => withBody('POST', '/data', json, megabyte())),
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
    seed: seedList,
    run: again(20, () => times(head('GET', '/', html), 1_000), 1_000),
  },
  {
    name: 'the newest documents asked for by 1,000 pages every 2 s',
    bothStores: true,
    scansAs: oneVisitor,
    seed: seedList,
    run: polling(1_000, () => head('GET', '/page/newest', html), 2_000),
  },
  {
    name: oneVisitor,
    seed: seedList,
    run: again(1, () => head('GET', '/page/newest', html)),
  },
  {
    name: 'pipelined requests by 20 half-closed clients at a time',
    run: leaving(
      20,
      () => times(head('GET', '/data/none'), 100),
      50,
      ({ socket }) => {
        socket.end()
        setTimeout(() => socket.destroy(), 1_000)
      },
    ),
  },
  {
    name: 'empty chunked bodies, 20,000 pipelined',
    run: again(
      4,
      () =>
        times(
          `${head('POST', '/data', headers('Transfer-Encoding: chunked', `Content-Type: ${json}`))}0\r\n\r\n`,
          20_000,
        ),
      20_000,
    ),
  },
  {
    name: 'line ends without a request, on two connections',
    run: pouring(2, () => times('\r\n', 500_000)),
  },
  {
    name: 'requests of HTTP/1.0, 10,000 pipelined',
    run: again(
      4,
      () => times('GET /data/none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 10_000),
      10_000,
    ),
  },
  {
    name: 'connections that are opened and reset, 10 at a time',
    run: leaving(
      50,
      () => 'G',
      1,
      (wire) => wire.reset(),
    ),
  },
  {
    name: 'the page, 64 at once',
    short: 'default limits',
    seed: seedList,
    run: again(64, () => head('GET', '/', headers('Accept: text/html'))),
  },
  {
    name: 'a document of 48 kB, 400 at once',
    seed: seedNumbers,
    run: again(400, () => head('GET', '/data/numbers')),
  },
  {
    name: 'a document of 48 kB, 1,000 at once',
    seed: seedNumbers,
    run: again(1000, () => head('GET', '/data/numbers')),
  },
  {
    name: 'the head of a document of 48 kB, 400 at once',
    short: 'default limits',
    seed: seedNumbers,
    run: again(400, () => head('HEAD', '/data/numbers')),
  },
  {
    name: 'a document of 48 kB, 2,000 at once',
    seed: seedNumbers,
    run: again(2000, () => head('GET', '/data/numbers')),
  },
  {
    name: 'the head of a document of 48 kB, 2,000 at once',
    seed: seedNumbers,
    run: again(2000, () => head('HEAD', '/data/numbers')),
  },
  {
    name: 'a document of 48 kB that has changed, 2,000 at once',
    seed: seedNumbers,
    run: again(2000, () => head('GET', '/data/numbers', headers('If-Match: "none"'))),
  },
  {
    name: 'documents of 400 bytes, 2,000 at once',
    run: again(2000, () => post(`{"text":"${'x'.repeat(388)}"}`)),
  },
  {
    name: 'uploads of 100 small documents, 64 at once',
    bothStores: true,
    run: again(64, () => post(times('{"a":1}\n', 100), ndjson)),
  },
]
