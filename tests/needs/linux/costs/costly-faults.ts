// Errors that could cost more than what caused them: their text, their place, their number.
import type { CostAttack } from './attack.ts'
import { again, once } from './clients.ts'
import {
  filled,
  form,
  head,
  headers,
  joined,
  MiB,
  ndjson,
  post,
  times,
  withBody,
} from './requests.ts'

const list = (item: (index: number) => string, count: number) =>
  `[${Array.from({ length: count }, (_, index) => item(index)).join()}]`

// What a client learns of each of 100 faults, and an id or null for each of 100,000 items.
const answerBytes = 1.5 * MiB

const nested = (levels: number, key: string) =>
  `${`{"${key}":`.repeat(levels)}1e999${'}'.repeat(levels)}`
const formOf = (document: string | Uint8Array) =>
  withBody('POST', '/page/documents', form, joined('document=', document))

export const costlyFaults: readonly CostAttack[] = [
  {
    name: '31 MiB of newlines and an x',
    short: 'MAX_BODY=32MiB',
    run: again(1, () => post(joined(filled('\n', 31 * MiB), 'x'))),
    answerBytes: 4_096,
  },
  {
    name: '1 MiB of newlines and an x, eight at once',
    run: again(8, () => post(joined(filled('\n', MiB - 2), 'x'))),
    answerBytes: 4_096,
  },
  {
    name: '31 MiB of characters of four bytes on one line, and a fault',
    run: again(1, () => post(joined('{"a":"', filled('\u{1F600}', 31 * MiB), '"x}'))),
    answerBytes: 4_096,
  },
  {
    name: 'a key of 8 MiB of ~ with the number 1e999',
    short: 'MAX_BODY=32MiB',
    run: again(2, () => post(joined('{"', filled('~', 8 * MiB), '":1e999}'))),
    answerBytes: 4_096,
  },
  {
    name: '110 lines with a key of 1 MB and a bad number',
    seconds: 15,
    run: once(1, () => post(times(`{"${'k'.repeat(1_000_000)}":1e999}\n`, 110), ndjson)),
    answerBytes: answerBytes,
  },
  {
    name: '110 lines with a key of 1 MiB and a bad number, four uploads at once',
    seconds: 15,
    run: once(4, () => post(times(`{"${'~'.repeat(MiB - 20)}":1e999}\n`, 110), ndjson)),
    answerBytes: answerBytes,
  },
  {
    name: 'an array of 99,999 duplicates',
    short: 'MAX_BODY=32MiB',
    bothStores: true,
    seed: async (api) => void (await api.post('{"_id":"twice"}')),
    run: again(1, () => post(list(() => '{"_id":"twice"}', 99_999))),
    answerBytes,
  },
  {
    name: 'an array of 40,000 duplicates, three at once',
    bothStores: true,
    seed: async (api) => void (await api.post('{"_id":"twice"}')),
    run: again(3, () => post(list(() => '{"_id":"twice"}', 40_000))),
    answerBytes,
  },
  {
    name: '100,000 lines that are duplicates, four uploads at once',
    bothStores: true,
    seed: async (api) => void (await api.post('{"_id":"twice"}')),
    run: again(4, () => post(times('{"_id":"twice"}\n', 100_000), ndjson)),
    answerBytes,
  },
  {
    name: 'an array of 60,000 items each with a fault of its own sort',
    run: again(2, () =>
      post(
        list(
          (index) =>
            [`{"$a":${index}}`, '{"a":1e999}', '1', '{"_id":1}', '{"a":"\\ud800"}'][index % 5] ??
            '',
          60_000,
        ),
      ),
    ),
    answerBytes,
  },
  {
    name: 'a bad number below 90 keys of 10,000 characters',
    run: again(4, () => post(nested(90, 'k'.repeat(10_000)))),
    answerBytes: 4_096,
  },
  {
    name: 'a bad number after a million items',
    run: again(4, () => post(joined('{"a":[', filled('0,', MiB - 20), '1e999]}'))),
    answerBytes: 4_096,
  },
  {
    name: 'a key of 500 kB that comes twice',
    run: again(4, () => post(`{"${'k'.repeat(500_000)}":1,"${'k'.repeat(500_000)}":1}`)),
    answerBytes: 4_096,
  },
  {
    name: 'an _id of 1 MB',
    run: again(8, () => post(`{"_id":"${'i'.repeat(1_000_000)}"}`)),
    answerBytes: 4_096,
  },
  {
    name: 'a key of 1 MB that begins with $',
    run: again(8, () => post(`{"$${'k'.repeat(1_000_000)}":1}`)),
    answerBytes: 4_096,
  },
  {
    name: 'a number of 1 MB',
    run: again(8, () => post(joined('{"a":', filled('1', MiB - 20), '}'))),
    answerBytes: 4_096,
  },
  {
    name: 'a number of 31 MiB',
    run: again(2, () => post(joined('{"a":0.', filled('1', 31 * MiB), '}'))),
    answerBytes: 4_096,
  },
  {
    name: '1 MiB that is not UTF-8 in its last byte',
    run: again(8, () =>
      post(joined(`{"a":"`, filled('ä', MiB - 20), new Uint8Array([0xff]), '"}')),
    ),
    answerBytes: 4_096,
  },
  {
    name: '31 MiB in Latin-1',
    run: again(2, () => post(joined('{"a":"', Buffer.alloc(31 * MiB, 0xe4), '"}'))),
    answerBytes: 4_096,
  },
  {
    name: '1 MiB of lone surrogates',
    run: again(8, () => post(joined('{"a":"', filled('\\ud800', MiB - 20), '"}'))),
    answerBytes: 4_096,
  },
  {
    name: '1 MiB of opening brackets',
    run: again(8, () => post(filled('[', MiB))),
    answerBytes: 4_096,
  },
  {
    name: '1 MiB of numbers without an end, eight at once',
    run: again(8, () => post(joined('{"a":[', filled('0,', MiB - 20)))),
    answerBytes: 4_096,
  },
  {
    name: '31 MiB of a text without an end',
    run: again(2, () => post(joined('{"a":"', filled('\\\\', 31 * MiB)))),
    answerBytes: 4_096,
  },
  {
    name: '1 MiB of byte order marks',
    run: again(8, () => post(filled('\ufeff', MiB - 1))),
    answerBytes: 4_096,
  },
  {
    name: 'a form with 250 kB of newlines and an x',
    short: 'default limits',
    run: again(8, () => formOf(joined(times('%0A', 83_000), 'x'))),
    answerBytes: 2 * MiB,
  },
  {
    name: 'a form with a bad number after 60,000 items',
    run: again(8, () => formOf(joined('{"a":[', times('0,', 60_000), '1e999]}'))),
    answerBytes: 2 * MiB,
  },
  {
    name: 'a form with a bad number below a key of 200 kB',
    run: again(8, () => formOf(`{"${'~'.repeat(200_000)}":1e999}`)),
    answerBytes: 2 * MiB,
  },
  {
    name: 'unknown query parameters of 15 kB, pipelined',
    run: again(8, () => times(head('GET', `/data?${'q'.repeat(15_000)}=1`), 100), 100),
    answerBytes: 4_096,
  },
  {
    name: 'conditions, keys and types of 14 kB that are wrong, pipelined',
    run: again(
      8,
      () =>
        times(
          ['Idempotency-Key', 'If-Match', 'Content-Type', 'Expect', 'Accept', 'X-Request-Id']
            .map((name) =>
              head(
                'PUT',
                '/data/none',
                headers(`${name}: ${'\u0021'.repeat(14_000)}`, 'Content-Length: 0'),
              ),
            )
            .join(''),
          20,
        ),
      120,
    ),
    answerBytes: 16_384,
  },
  {
    name: 'arrays of a thousand bad numbers, 64 at once',
    short: 'default limits',
    run: again(64, () => post(list(() => '{"a":1e999}', 1000))),
  },
]
