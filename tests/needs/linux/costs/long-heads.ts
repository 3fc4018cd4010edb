// Heads of 15 kB, pipelined, over which a loop or an expression could run for long.
import type { CostAttack } from './attack.ts'
import { again } from './clients.ts'
import { filled, head, headers, joined, json, post, times } from './requests.ts'

// Node takes heads of 16 KiB.
const line = (text: string) => filled(text, 15_360).toString()
const hundred = (target: string, more = '') => times(head('GET', target, more), 100)

export const longHeads: readonly CostAttack[] = [
  {
    name: 'a query of names without values, 15 kB, pipelined',
    short: 'default limits',
    run: again(8, () => joined(hundred(`/data?${line('ab&')}`), hundred(`/?${line('a&')}`)), 200),
  },
  {
    name: 'an Accept of 4,000 ranges, pipelined',
    run: again(8, () => hundred('/data/none', headers(`Accept: ${line('a/b,')}a/b`)), 100),
  },
  {
    name: 'an Accept of parameters, pipelined',
    run: again(8, () => hundred('/', headers(`Accept: text/html${line(';q=')}`)), 100),
  },
  {
    name: 'an Accept-Encoding of 3,000 codings, pipelined',
    run: again(
      8,
      () => hundred('/', headers('Accept: text/html', `Accept-Encoding: ${line('gzi,')}`)),
      100,
    ),
  },
  {
    name: 'an If-None-Match of 3,000 tags, pipelined',
    seed: async (api) => void (await api.post('{"_id":"tagged"}')),
    run: again(8, () => hundred('/data/tagged', headers(`If-None-Match: ${line('W/"a",')}`)), 100),
  },
  {
    name: 'an If-None-Match of quotes and of commas, pipelined',
    seed: async (api) => void (await api.post('{"_id":"tagged"}')),
    run: again(
      8,
      () =>
        times(
          ['"', ',', ', ', 'W/']
            .map((text) => head('GET', '/data/tagged', headers(`If-None-Match: ${line(text)}`)))
            .join(''),
          25,
        ),
      100,
    ),
  },
  {
    name: 'a Prefer of 7,000 preferences, pipelined',
    run: again(
      8,
      () => times(post('{"_id":"one"}', json, headers(`Prefer: ${line('a,')}`)).toString(), 100),
      100,
    ),
  },
  {
    name: 'a Content-Type of 7,000 parameters, pipelined',
    run: again(8, () => times(post('{}', `${json}${line(' ;')}`).toString(), 100), 100),
  },
  {
    name: 'an Idempotency-Key of quotes and backslashes, pipelined',
    run: again(
      8,
      () => times(post('{}', json, headers(`Idempotency-Key: "${line('\\"')}`)).toString(), 100),
      100,
    ),
  },
  {
    name: 'a Cookie of 7,000 values, pipelined',
    run: again(8, () => hundred('/data/none', headers(`Cookie: ${line('a;')}`)), 100),
  },
  {
    name: 'a path of 5,000 percent signs, pipelined',
    run: again(
      8,
      () => joined(hundred(`/data/${line('%41')}`), hundred(`/data/${line('%')}`)),
      200,
    ),
  },
  {
    name: 'a path of slashes and dots, pipelined',
    run: again(
      8,
      () => joined(hundred(`/data${line('/.')}`), hundred(`http://${line(':@')}/`)),
      200,
    ),
  },
  {
    name: 'a page after an id of 15 kB, pipelined',
    run: again(8, () => hundred(`/data?limit=1&after=${line('%7B')}`), 100),
  },
]
