// Pages that could be many times as large as the document that they show.
import type { Client } from '../../../support/client.ts'
import type { CostAttack } from './attack.ts'
import { again, leaving, unread } from './clients.ts'
import { filled, form, head, headers, joined, MiB, times, withBody } from './requests.ts'
import { put } from './seeds.ts'

const levels = 97
const page = 4 * MiB // of an answer, at most

/** A document of N levels of arrays, with the items in the innermost. */
const deep = (items: string, bytes: number) =>
  joined(
    '{"a":',
    '['.repeat(levels - 1),
    filled(`${items},`, bytes),
    items,
    ']'.repeat(levels - 1),
    '}',
  )
// 500,000 numbers, 1 MB.
const deepNumbers = () => deep('1', 1_000_000)

const html = headers('Accept: text/html', 'Accept-Encoding: gzip')
const show = (id: string) => head('GET', `/page/documents/${id}`, html)
const save = (id: string, document: string | Uint8Array) =>
  withBody(
    'POST',
    `/page/documents/${id}`,
    form,
    joined('do=save&etag=%22old%22&document=', document),
    html,
  )

const seedDeep = (api: Client) => put(api, 'deep', deepNumbers())

async function seedPage(api: Client): Promise<void> {
  for (let n = 0; n < 50; n++) await put(api, `deep${n}`, deepNumbers())
}

const oneVisitor = 'one visitor who reloads the page with 50 documents of 1 MB'

export const prettyText: readonly CostAttack[] = [
  {
    name: 'the edit form of a deep document of 500,000 numbers',
    short: 'default limits',
    seed: seedDeep,
    run: again(2, () => show('deep')),
    answerBytes: page,
  },
  {
    name: 'the edit form of a deep document, twenty at once, unread',
    seed: seedDeep,
    run: unread(20, () => show('deep')),
  },
  {
    name: 'the edit form of a deep document, left at once',
    seed: seedDeep,
    run: leaving(
      20,
      () => show('deep'),
      20,
      (wire) => wire.reset(),
    ),
  },
  {
    name: 'the page of a conflict with a deep document of 500,000 numbers',
    seed: seedDeep,
    run: again(2, () => save('deep', '{"a":1}')),
    answerBytes: page,
  },
  {
    name: 'a conflict of two deep documents of 240 kB',
    short: 'MAX_BODY=32MiB',
    seed: (api) => put(api, 'wide', deep('1', 240_000)),
    run: again(8, () => save('wide', deep('2', 240_000))),
    answerBytes: page,
  },
  {
    name: 'a conflict of a form of 2 MB with a deep document',
    seed: seedDeep,
    run: again(2, () => save('deep', deep('2', 2_000_000))),
    answerBytes: page,
  },
  {
    name: 'the edit form of 15 MiB of characters that HTML escapes',
    seed: (api) => put(api, 'escaped', joined('{"a":"', filled('&<', 15 * MiB), '"}')),
    run: again(4, () => show('escaped')),
    answerBytes: page,
  },
  {
    name: 'the edit form of 1 MiB of control characters',
    seed: (api) => put(api, 'control', joined('{"a":"', times('\\u0001', 170_000), '"}')),
    run: again(8, () => show('control')),
    answerBytes: page,
  },
  {
    name: 'the edit form of 80,000 characters that cannot be seen',
    seed: (api) => put(api, 'unseen', joined('{"a":"', times('\u202e', 80_000), '"}')),
    run: again(8, () => show('unseen')),
    answerBytes: page,
  },
  {
    name: 'the edit form of 5 MiB of empty objects at 90 levels',
    seed: (api) => put(api, 'empty', deep('{}', 1_500_000)),
    run: again(4, () => show('empty')),
    answerBytes: page,
  },
  {
    name: 'the list of the page with 50 documents of 1 MB, pipelined',
    bothStores: true,
    scansAs: oneVisitor,
    seed: seedPage,
    run: again(4, () => times(head('GET', '/', html) + head('GET', '/page/newest', html), 20), 40),
    answerBytes: page,
  },
  {
    name: oneVisitor,
    seed: seedPage,
    run: again(1, () => head('GET', '/', html)),
    answerBytes: page,
  },
]
