// Bodies that are declared or begun and not sent: they must not keep room from others.
import assert from 'node:assert/strict'
import type { CostAttack, Counts } from './attack.ts'
import { dripping, leaving, stalling, together } from './clients.ts'
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
  post,
  times,
  withBody,
} from './requests.ts'

const KiB = 1024
const text = (bytes: number) => joined('{"a":"', filled('x', bytes - 6))
const expecting = (type: string, length: number) =>
  head(
    'POST',
    '/data',
    headers(`Content-Type: ${type}`, `Content-Length: ${length}`, 'Expect: 100-continue'),
  )
const startOf = (type: string, length: number, target = '/data') =>
  head('POST', target, headers(`Content-Type: ${type}`, `Content-Length: ${length}`))

const kept = (seen: Counts) => {
  assert.ok((seen[201] ?? 0) > 0, 'no body that kept the least rate was taken')
  assert.equal(seen[408] ?? 0, 0, 'a body that kept the least rate was refused')
}
const tooSlow = (seen: Counts) => {
  assert.ok((seen[408] ?? 0) > 0, 'no body below the least rate was refused')
  assert.equal(seen[201] ?? 0, 0, 'a body below the least rate was taken')
}

export const stalledBodies: readonly CostAttack[] = [
  {
    name: 'two clients that declare 32 MiB, send 1 MiB and stop',
    short: 'MAX_BODY=32MiB',
    noRefusal: true,
    run: stalling(2, () => begun(32 * MiB, text(MiB + 1))),
  },
  {
    name: 'fifty clients that declare 32 MiB, send 1 MiB and stop',
    noRefusal: true,
    run: stalling(50, () => begun(32 * MiB, text(MiB + 1))),
  },
  {
    name: '100 clients that declare 1 MiB, send all but a byte and stop',
    short: 'default limits',
    noRefusal: true,
    run: stalling(100, () => begun(MiB, text(MiB - 1))),
  },
  {
    name: '100 clients that go on sending after their 413',
    short: 'default limits',
    noRefusal: true,
    run: dripping(100, () => startOf(json, 999_999_999), 'x', 10 * MiB, 999_999_999),
    expect: (seen) => assert.ok((seen[413] ?? 0) > 0, 'none was refused'),
  },
  {
    // At the bound: 128 MiB arrive at once, and Node accepts one connection in each turn of the event loop, so a new one
    // waits 0.06 to 0.15 s; 0.25 to 0.5 s at a server of three lines.
    name: '2,000 clients that declare 64 KiB, send all but a byte and stop',
    run: stalling(2_000, () => begun(64 * KiB, text(64 * KiB - 1))),
  },
  {
    name: '1,000 clients that declare 64 KiB, send all but a byte and stop',
    noRefusal: true,
    run: stalling(1_000, () => begun(64 * KiB, text(64 * KiB - 1))),
  },
  {
    name: '4,000 connections that send all but a byte of 64 KiB at the same moment',
    run: together(4_000, () => begun(64 * KiB, text(64 * KiB - 1))),
  },
  {
    name: '100 clients that declare 1 MiB, send 65 KiB and stop',
    noRefusal: true,
    run: stalling(100, () => begun(MiB, text(65 * KiB))),
  },
  {
    name: '100 forms that declare 256 KiB, send all but a byte and stop',
    noRefusal: true,
    run: stalling(100, () =>
      joined(startOf(form, 256 * KiB, '/page/documents'), 'document=', filled('x', 256 * KiB - 10)),
    ),
  },
  {
    name: '100 chunked bodies of 1 MiB without an end',
    noRefusal: true,
    run: stalling(100, () =>
      joined(
        head('POST', '/data', headers(`Content-Type: ${json}`, 'Transfer-Encoding: chunked')),
        `${(MiB - 1).toString(16)}\r\n`,
        text(MiB - 1),
        '\r\n',
      ),
    ),
  },
  {
    name: '100 lines of 1 MiB without an end',
    noRefusal: true,
    run: stalling(100, () => begun(32 * MiB, text(MiB - 1), ndjson)),
  },
  {
    name: '1,000 clients that expect 100-continue and never send',
    noRefusal: true,
    run: stalling(1_000, () => expecting(json, MiB)),
  },
  {
    name: '1,000 uploads that expect 100-continue and never come',
    noRefusal: true,
    run: stalling(1_000, () => expecting(ndjson, 32 * MiB)),
  },
  {
    name: '2,000 clients with one byte of a body each',
    noRefusal: true,
    run: stalling(2_000, () => begun(MiB, '{')),
  },
  {
    name: '2,000 heads and nothing after the last header',
    noRefusal: true,
    run: stalling(2_000, () => 'POST /data HTTP/1.1\r\nHost: localhost\r\n'),
  },
  {
    name: '50 bodies at 24 KiB a second',
    seconds: 20,
    noRefusal: true,
    run: dripping(50, () => joined(startOf(json, 250 * KiB), '{"a":"'), 'x', 24 * KiB, 250 * KiB),
    expect: (seen) =>
      assert.equal(seen[408] ?? 0, 0, 'a body that kept the least rate was refused'),
  },
  {
    name: '50 bodies of white space at 24 KiB a second, whole',
    seconds: 20,
    noRefusal: true,
    run: dripping(
      50,
      () => joined(startOf(json, 250 * KiB), '{"a":1}'),
      ' ',
      24 * KiB,
      250 * KiB - 7,
    ),
    expect: kept,
  },
  {
    name: '50 bodies at 8 KiB a second',
    seconds: 40,
    noRefusal: true,
    run: dripping(50, () => joined(startOf(json, MiB), '{"a":1}'), ' ', 8 * KiB, MiB - 7),
    expect: tooSlow,
  },
  {
    name: '50 bodies at a time that are reset in the middle',
    short: 'MAX_BODY=32MiB',
    run: leaving(
      50,
      () => begun(MiB, text(200 * KiB)),
      30,
      (wire) => wire.reset(),
    ),
  },
  {
    name: '20 uploads at a time that are reset in the middle',
    bothStores: true,
    run: leaving(
      20,
      () => begun(32 * MiB, times('{"a":1}\n', 20_000), ndjson),
      30,
      (wire) => wire.reset(),
    ),
  },
  {
    name: '20 uploads at a time whose clients close in the middle',
    bothStores: true,
    run: leaving(
      20,
      () => begun(32 * MiB, times('{"a":1}\n', 20_000), ndjson),
      30,
      ({ socket }) => socket.destroy(),
    ),
  },
  {
    name: '20 bodies at a time whose clients close their half in the middle',
    run: leaving(
      20,
      () => begun(MiB, text(200 * KiB)),
      30,
      ({ socket }) => {
        socket.end()
        setTimeout(() => socket.destroy(), 1_000)
      },
    ),
  },
  {
    name: 'arrays larger than the queue of the store, four at once',
    bothStores: true,
    seconds: 12,
    noRefusal: true,
    run: (target) =>
      stalling(4, () => post(joined('[', times(`{"a":"${'x'.repeat(330)}"},`, 90_000), '{}]')))(
        target,
      ),
  },
  {
    name: 'uploads of large lines without waiting, six at once',
    bothStores: true,
    run: stalling(6, () =>
      withBody('POST', '/data', ndjson, times(`{"a":"${'x'.repeat(900_000)}"}\n`, 30)),
    ),
  },
]
