// Input over which a loop could run for long, or longer than in proportion to it.
import type { CostAttack } from './attack.ts'
import { again, dripping, once } from './clients.ts'
import { indexedPaths, manyEntries } from './indexed.ts'
import {
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
import { seedArrays, seedTexts } from './seeds.ts'

const formOf = (body: string | Uint8Array) => withBody('POST', '/page/documents', form, body)
const document = (value: string | Uint8Array) => joined('{"a":', value, '}')
const oneMiB = MiB - 20

// One document, written with other values each time.
const inTurn = (bodyOf: (from: number) => string | Uint8Array) =>
  joined(...[0, 1].map((from) => withBody('PUT', '/data/values', json, bodyOf(from))))
// As many as a body of 1 MiB can have.
const manyValues = (from: number) =>
  document(
    `[${Array.from({ length: 145_000 }, (_, n) => n * 2 + from + 1e5)
      .join()
      .slice(0, oneMiB)
      .replace(/,\d*$/, '')}]`,
  )
// 16 conditions, each with a hundred texts that an element might be.
const texts = Array.from({ length: 100 }, (_, n) => `${n + 10}`)
const lists = JSON.stringify({
  where: ['and', ...Array.from({ length: 16 }, () => ['not', ['in', 'a', texts]])],
})

// What Boyer and Moore look for longest.
const periodic = JSON.stringify({
  where: ['contains', 'a', `${'a'.repeat(1000)}b${'a'.repeat(1000)}`],
})

export const longLoops: readonly CostAttack[] = [
  {
    name: 'documents of 145,000 values at an indexed path, four at once',
    short: 'default limits',
    settings: { INDEXES: 'a' },
    run: again(4, () => inTurn(manyValues), 2),
  },
  {
    name: 'documents of 100 values at each of 16 indexed paths, eight at once',
    settings: { INDEXES: indexedPaths.join() },
    run: again(8, () => inTurn(manyEntries), 2),
  },
  {
    name: 'new documents of 100 values at each of 16 indexed paths, eight at once',
    settings: { INDEXES: indexedPaths.join() },
    run: again(8, () => post(manyEntries(0))),
  },
  {
    name: 'a form of names without values, 2 MB',
    seconds: 15,
    run: once(1, () => formOf(filled('ab&', 2_000_000))),
  },
  {
    name: 'a form of names without values, 8 MiB',
    seconds: 30,
    run: once(1, () => formOf(filled('ab&', 8 * MiB))),
  },
  {
    name: 'forms of names without values, 250 kB, twenty at once',
    short: 'default limits',
    run: again(20, () => formOf(filled('ab&', 250_000))),
  },
  {
    name: 'forms of one letter and empty names, 250 kB, eight at once',
    run: again(8, () => formOf(joined(filled('a&', 125_000), filled('&=', 125_000)))),
  },
  {
    name: 'forms of percent signs, 250 kB, eight at once',
    run: again(8, () => formOf(joined('document=', filled('%41', 120_000), filled('%', 120_000)))),
  },
  {
    name: '1 MiB of lines of x',
    seconds: 15,
    run: once(1, () => post(filled('x\n', MiB), ndjson)),
  },
  {
    name: '1 MiB of lines of x, twenty at once',
    short: 'MAX_BODY=32MiB',
    seconds: 10,
    run: again(20, () => post(filled('x\n', MiB), ndjson)),
  },
  {
    name: '32 MiB of blank lines, four at once',
    run: again(4, () => post(filled('\n', 32 * MiB), ndjson)),
  },
  {
    name: '32 MiB of CRLF, four at once',
    run: again(4, () => post(filled(' \r\n', 32 * MiB), ndjson)),
  },
  {
    name: 'one line that never ends, in chunks of one byte',
    run: again(8, () => oneByteChunks(ndjson, ['"', 'x', '"'], 900_000)),
  },
  {
    name: 'one line that never ends, dripping',
    run: dripping(
      500,
      () =>
        head('POST', '/data', headers(`Content-Type: ${ndjson}`, 'Content-Length: 9000000')) +
        '{"a":"',
      'x',
      20_000,
      9_000_000,
    ),
  },
  {
    name: 'lines of 1 MiB that are too long by one byte',
    run: again(8, () => post(times(`{"a":"${'x'.repeat(MiB - 7)}"}\n`, 4), ndjson)),
  },
  {
    name: 'queries with 16 lists of 100 texts over long arrays, eight at once',
    short: 'default limits',
    seed: seedArrays,
    run: again(8, () => withBody('QUERY', '/data', json, lists)),
  },
  {
    name: 'queries for a periodic text in long texts of one letter, eight at once',
    short: 'default limits',
    seed: seedTexts,
    run: again(8, () => withBody('QUERY', '/data', json, periodic)),
  },
  {
    name: 'sorts by long arrays, eight at once',
    seed: seedArrays,
    run: again(8, () => head('GET', '/data?sort=a,-a.0,b,-a.b&limit=10000')),
  },
  {
    name: 'documents of 1 MiB of small numbers, eight at once',
    short: 'default limits',
    run: again(8, () => post(document(joined('[', filled('1,', oneMiB), '1]')))),
  },
  {
    name: 'documents of 15 MiB of small numbers, three at once',
    run: again(3, () => post(document(joined('[', filled('1,', 8 * MiB), '1]')))),
  },
  {
    name: 'documents of 1 MiB of numbers of 17 digits, eight at once',
    run: again(8, () => post(document(joined('[', times('0.12345678901234567,', 52_000), '1]')))),
  },
  {
    name: 'documents of 1 MiB of numbers with large exponents, eight at once',
    run: again(8, () => post(document(joined('[', times('1e-300,123e300,', 69_000), '1]')))),
  },
  {
    name: 'documents of 1 MiB of escapes, twenty at once',
    short: 'MAX_BODY=32MiB',
    run: again(20, () => post(document(joined('"', filled('\\u0041', 174_000 * 6), '"')))),
  },
  {
    name: 'documents of 15 MiB of escapes, three at once',
    run: again(3, () => post(document(joined('"', times('\\u00e4', (15 * MiB) / 6), '"')))),
  },
  {
    name: 'keys of 1 MiB of escapes, eight at once',
    run: again(8, () => post(`{"${'\\u0041'.repeat(170_000)}":1}`)),
  },
  {
    name: 'keys of 1 kB that differ in their last characters, 1 MiB, eight at once',
    run: again(8, () =>
      post(`{${Array.from({ length: 1_000 }, (_, n) => `"${'k'.repeat(1_020)}${n}":1`).join()}}`),
    ),
  },
  {
    name: 'objects of 15 keys, 1 MiB, eight at once',
    run: again(8, () => {
      const keys = Array.from({ length: 15 }, (_, n) => `"${'k'.repeat(20)}${n}":1`)
      return post(document(joined('[', times(`{${keys.join()}},`, 2_500), '1]')))
    }),
  },
  {
    name: 'white space of 1 MiB, twenty at once',
    run: again(20, () => post(joined('{"a":1}', filled(' \n', MiB - 8)))),
  },
  {
    name: 'white space of 31 MiB, two at once',
    run: again(2, () => post(joined('{"a":1}', filled(' \n', 31 * MiB)))),
  },
  {
    name: 'nesting to the limit again and again, 1 MiB, eight at once',
    run: again(8, () => {
      const deep = `${'['.repeat(97)}${']'.repeat(97)},`
      return post(document(joined('[', times(deep, Math.floor(oneMiB / deep.length)), '1]')))
    }),
  },
]
