// Memory that no budget of bytes counts: objects, each of a byte or none.
import assert from 'node:assert/strict'
import type { CostAttack } from './attack.ts'
import { again, leavingTogether, once, stalling, together } from './clients.ts'
import {
  begun,
  filled,
  form,
  head,
  headers,
  joined,
  json,
  MiB,
  ndjson,
  oneByteChunks,
  post,
  times,
  withBody,
} from './requests.ts'

// 1.8 million chunks are 11 MB on the wire.
const chunks = 1_800_000
const text = ['{"a":"', 'x', '"}'] as const
const line = ['', '\n', ''] as const
const blanks = ['', ' ', '{}'] as const
const longExtension = `1;${'e'.repeat(1000)}`

const array = (item: string, count: number) => joined('[', times(`${item},`, count - 1), item, ']')
const arrayOf = (item: string, bytes: number) => array(item, Math.floor(bytes / (item.length + 1)))

/** A document of this many bytes, with keys that differ in their last characters alone. */
function manyKeys(bytes: number, keyLength: number): Buffer {
  const count = Math.floor(bytes / (keyLength + 5))
  const member = (n: number) => `"${String(n).padStart(keyLength, 'k')}":1`
  return joined('{', Array.from({ length: count }, (_, n) => member(n)).join(), '}')
}

const headerLines = headers(...Array.from({ length: 1_500 }, (_, n) => `h${n}: v`))
const trailers = (count: number) => headers(...Array.from({ length: count }, (_, n) => `t${n}: v`))

const longHead = (fields: number, end = '') =>
  head('GET', '/data/none', headers(...Array(fields).fill(`x: ${'y'.repeat(140)}`))).slice(0, -2) +
  end

export const uncountedObjects: readonly CostAttack[] = [
  {
    // A service that answers 8,000 a second needs 1.4 s for them all. A server of three lines lets others wait for 0.5 to 1 s
    // in this attack and in the next ones. 0.1 to 0.2 s; late, 0.3 to 1 s, in a run that ends while they are answered.
    name: '11,000 heads of 3.8 kB at the same moment',
    run: together(11_000, () => longHead(25, '\r\n')),
  },
  {
    name: '11,000 short requests at the same moment',
    run: together(11_000, () => head('GET', '/data/none')),
  },
  {
    name: '11,000 documents at the same moment',
    run: together(11_000, () => post('{"a":1}')),
  },
  {
    name: '11,000 clients that end at the same moment',
    run: leavingTogether(
      11_000,
      () => '',
      ({ socket }) => socket.end(),
    ),
  },
  {
    name: '11,000 clients that reset in a head at the same moment',
    run: leavingTogether(
      11_000,
      () => 'GET / HTTP/1.1\r\n',
      (wire) => wire.reset(),
    ),
  },
  {
    name: '11,000 clients that reset within a body at the same moment',
    run: leavingTogether(
      11_000,
      () => begun(100, '{'),
      (wire) => wire.reset(),
    ),
  },
  {
    // Late in one run of six, by 0.2 s: each sends as soon as it is accepted, one per turn, and a new client comes after
    // those that wait for that.
    name: '11,000 clients that reset after an answer at the same moment',
    run: leavingTogether(
      11_000,
      () => head('GET', '/data/none'),
      (wire) => wire.reset(),
    ),
  },
  {
    name: '11,000 clients that connect for each request',
    run: stalling(11_000, () => head('GET', '/data/none')),
  },
  {
    // The parser takes what comes before any event: the process ended.
    name: '11,000 heads of 14 kB that do not end, at the same moment',
    run: together(11_000, () => longHead(95)),
  },
  {
    name: '11,000 heads whose 30 s are over at the same moment',
    seconds: 40,
    run: together(11_000, () => 'GET / HTTP/1.1\r\nHost: x'),
    expect: (seen) => assert.ok((seen[408] ?? 0) > 10_000, 'they were not refused'),
  },
  {
    name: 'a JSON body in chunks of one byte, 11 MB',
    seconds: 15,
    short: 'MAX_BODY=32MiB',
    run: once(1, () => oneByteChunks(json, text, chunks)),
  },
  {
    name: 'two JSON bodies in chunks of one byte, 11 MB each',
    seconds: 15,
    run: once(2, () => oneByteChunks(json, text, chunks)),
  },
  {
    name: 'NDJSON in chunks of one byte, 11 MB',
    seconds: 15,
    run: once(1, () => oneByteChunks(ndjson, text, chunks)),
  },
  {
    name: 'two uploads of NDJSON in chunks of one byte, 11 MB each',
    seconds: 15,
    run: once(2, () => oneByteChunks(ndjson, text, chunks)),
  },
  {
    name: 'two JSON bodies in chunks of one byte, with the default heap',
    seconds: 15,
    settings: { NODE_OPTIONS: '' },
    run: once(2, () => oneByteChunks(json, text, chunks)),
  },
  {
    name: 'eight bodies of white space in chunks of one byte',
    run: again(8, () => oneByteChunks(json, blanks, 900_000)),
  },
  {
    name: 'newlines in chunks of one byte',
    run: again(4, () => oneByteChunks(ndjson, line, 900_000)),
  },
  {
    name: 'a PUT in chunks of one byte, eight at once',
    run: again(8, () => oneByteChunks(json, text, 900_000, ['PUT', '/data/chunks', '1'])),
  },
  {
    name: 'a form in chunks of one byte, eight at once',
    run: again(8, () =>
      oneByteChunks(form, ['document=', 'x', ''], 250_000, ['POST', '/page/documents', '1']),
    ),
  },
  {
    name: 'a body that DELETE has no use for, in chunks of one byte',
    run: again(8, () => oneByteChunks(json, text, 900_000, ['DELETE', '/data/none', '1'])),
  },
  {
    name: 'chunks of one byte with extensions of 1,000',
    run: again(8, () => oneByteChunks(json, text, 15_000, ['POST', '/data', longExtension])),
  },
  {
    name: 'chunked bodies with 1,500 trailers',
    run: again(20, () =>
      joined(
        head('POST', '/data', headers('Transfer-Encoding: chunked', `Content-Type: ${json}`)),
        `7\r\n{"a":1}\r\n0\r\n${trailers(1_500)}\r\n`,
      ),
    ),
  },
  {
    name: '1,500 headers in each of 100 pipelined requests',
    run: again(8, () => times(head('GET', '/data/none', headerLines), 100), 100),
  },
  {
    name: 'arrays of 100,000 empty objects',
    short: 'MAX_BODY=32MiB',
    bothStores: true,
    run: again(4, () => post(array('{}', 100_000))),
  },
  {
    name: 'arrays of 31 MiB of empty objects',
    run: again(2, () => post(arrayOf('{}', 31 * MiB))),
  },
  {
    name: 'arrays of 31 MiB of numbers',
    run: again(2, () => post(arrayOf('1', 31 * MiB))),
  },
  {
    name: 'arrays of 1 MiB of empty objects, eight at once',
    run: again(8, () => post(arrayOf('{}', MiB - 10))),
  },
  {
    name: 'arrays of 100,000 documents under one Idempotency-Key each',
    bothStores: true,
    run: again(2, () => post(array('{"a":1}', 100_000), json, headers('Idempotency-Key: costs'))),
  },
  {
    name: 'documents of 15 MiB of empty arrays',
    run: again(4, () => post(joined('{"a":', arrayOf('[]', 5 * MiB), '}'))),
  },
  {
    name: 'documents of 1 MiB of empty arrays, eight at once',
    run: again(8, () => post(joined('{"a":', arrayOf('[]', MiB - 20), '}'))),
  },
  {
    name: 'documents of 10 MiB of keys',
    run: again(2, () => post(manyKeys(10 * MiB, 8))),
  },
  {
    name: 'documents of 1 MiB of keys, eight at once',
    short: 'default limits',
    run: again(8, () => post(manyKeys(MiB - 20, 8))),
  },
  {
    name: '8 MiB of lines of {}',
    bothStores: true,
    seconds: 15,
    run: again(1, () => post(times('{}\n', (8 * MiB) / 3), ndjson)),
  },
  {
    name: '1 MiB of lines of {}, ten at once',
    run: again(10, () => post(times('{}\n', MiB / 3), ndjson)),
  },
  {
    name: 'lines of exactly 1 MiB, eight uploads at once',
    run: again(8, () => post(times(`{"a":"${'x'.repeat(MiB - '{"a":""}'.length)}"}\n`, 4), ndjson)),
  },
  {
    name: 'array items with an _id of 256 bytes, 50,000 of them',
    run: again(2, () => post(array(`{"_id":"${'i'.repeat(256)}"}`, 50_000))),
  },
  {
    name: 'forms of 64 bytes, 2,000 pipelined',
    run: again(
      8,
      () => times(withBody('POST', '/page/documents', form, filled('a&', 64)).toString(), 2_000),
      2_000,
    ),
  },
]
