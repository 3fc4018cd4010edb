// Answers that wait for clients that read slowly, or not at all.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../../support/client.ts'
import type { CostAttack, Counts, Target } from './attack.ts'
import { leaving, sideBySide, unread } from './clients.ts'
import { head, headers, MiB, times } from './requests.ts'
import { seedLarge, seedList } from './seeds.ts'
import { readSlowly } from './wire.ts'

const html = headers('Accept: text/html', 'Accept-Encoding: gzip')

const seed = async (api: Client) => {
  await seedLarge(api)
  await seedList(api)
}

/** Reads the answer at this rate, and counts whether it came whole. */
async function readWhole(
  target: Target,
  reader: 'slow' | 'steady',
  path: string,
  perSecond: number,
): Promise<void> {
  const wire = await target.connect()
  let bytes = 0
  wire.socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  const read = readSlowly(wire, perSecond)
  await wire.send(head('GET', path, headers('Connection: close')))
  await read
  const outcome = bytes > 15 * MiB ? 'whole' : bytes < 4_096 ? 'refused' : 'cut'
  if (!target.over) target.count(`${reader} ${outcome}`)
}

/** A list that is not a large answer, as any client asks for. */
async function readList(target: Target): Promise<void> {
  const wire = await target.connect()
  const before = performance.now()
  wire.socket.once('data', (chunk) => target.count(`list ${String(chunk).slice(9, 12)}`))
  await wire.send(head('GET', '/data?limit=100&after=large3', headers('Connection: close')))
  while (!wire.socket.closed) await new Promise((resolve) => wire.socket.once('close', resolve))
  if (performance.now() - before > 2_000) target.count('list slow')
}

const steadyServed = (seen: Counts) => {
  assert.ok((seen['steady whole'] ?? 0) > 0, 'no steady reader had its answer whole')
  assert.equal(seen['steady cut'] ?? 0, 0, 'a steady reader was cut')
}
const listsServed = (seen: Counts) => {
  assert.equal(seen['list 503'] ?? 0, 0, 'a short list was refused')
  assert.ok((seen['list 200'] ?? 0) > 0, 'no short list was served')
}
const othersServed = (seen: Counts) => {
  steadyServed(seen)
  listsServed(seen)
}

/** N readers at `perSecond` bytes, beside a steady one of 16 MiB that came first and one of lists. */
const beside = (readers: number, path: string, perSecond: number) => async (target: Target) => {
  const steady = sideBySide(target, 1, () => readWhole(target, 'steady', '/data/large', 3 * MiB))
  await sleep(300)
  await Promise.all([
    steady,
    sideBySide(target, readers, () => readWhole(target, 'slow', path, perSecond)),
    sideBySide(target, 1, () => readList(target)),
  ])
}

const oneReader = 'one reader of the whole list'
const shortLists = 'one reader of short lists'

export const slowReaders: readonly CostAttack[] = [
  {
    name: 'three readers of 16 MiB that stop, beside a steady slow one',
    short: 'MAX_BODY=32MiB',
    seed,
    run: beside(3, '/data/large2', 1),
    expect: othersServed,
  },
  {
    name: 'thirty readers of 16 MiB that stop, beside a steady slow one',
    seconds: 15,
    seed,
    run: beside(30, '/data/large2', 1),
    expect: steadyServed,
  },
  {
    name: 'three readers of 16 MiB at 512 KiB a second, beside a steady slow one',
    seconds: 15,
    seed,
    run: beside(3, '/data/large2', MiB / 2),
    expect: othersServed,
  },
  {
    name: 'three slow readers of the whole list, beside a steady slow one of 16 MiB',
    seconds: 15,
    seed,
    bothStores: true,
    scansAs: shortLists,
    run: beside(3, '/data', MiB / 8),
    expect: othersServed,
  },
  {
    name: shortLists,
    seed,
    run: (target) => sideBySide(target, 1, () => readList(target)),
    expect: listsServed,
  },
  {
    name: '500 readers of the whole list that do not read',
    short: 'default limits',
    bothStores: true,
    seed,
    scansAs: oneReader,
    run: unread(500, () => head('GET', '/data')),
  },
  {
    name: oneReader,
    seed,
    run: (target) => sideBySide(target, 1, () => readWhole(target, 'steady', '/data', 100 * MiB)),
    expect: steadyServed,
  },
  {
    name: '50 readers of 16 MiB that do not read',
    bothStores: true,
    seed,
    run: unread(50, () => head('GET', '/data/large')),
  },
  {
    name: 'the whole list, left at once, by 50 clients',
    bothStores: true,
    scansAs: oneReader,
    seed,
    run: leaving(
      50,
      () => head('GET', '/data'),
      10,
      (wire) => wire.reset(),
    ),
  },
  {
    name: '16 MiB, left at once, by 50 clients',
    seed,
    run: leaving(
      50,
      () => head('GET', '/data/large'),
      10,
      (wire) => wire.reset(),
    ),
  },
  {
    name: 'the page, compressed, by 200 clients that do not read',
    seed,
    run: unread(200, () => times(head('GET', '/', html), 200)),
  },
  {
    name: '200 half-closed readers of the whole list',
    seed,
    run: leaving(
      200,
      () => head('GET', '/data'),
      10,
      async ({ socket }) => {
        socket.end()
        socket.pause()
        await sleep(2_000)
        socket.destroy()
      },
    ),
  },
]
