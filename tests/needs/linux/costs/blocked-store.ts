// Another process has the embedded store's file: what waits for it must not wait on the event loop.
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CostAttack, Target } from './attack.ts'
import { again } from './clients.ts'
import { head, headers, joined, ndjson, post, times } from './requests.ts'

/** Holds the lock that `begin` takes for N milliseconds, releases it for `pause`, and so on to the end. */
async function hold(target: Target, begin: string, held: number, pause: number): Promise<void> {
  const db = new DatabaseSync(target.dataFile)
  db.exec('PRAGMA busy_timeout = 1000')
  while (!target.over) {
    db.exec(begin)
    db.prepare('SELECT count(*) FROM documents').get()
    target.count('locked')
    const until = performance.now() + held
    while (!target.over && performance.now() < until) await sleep(20)
    db.exec('ROLLBACK')
    await sleep(pause)
  }
  db.close()
}

const document = post('{"a":1}')

export const blockedStore: readonly CostAttack[] = [
  {
    name: "the store's write lock is held for 8 s",
    short: 'default limits',
    seconds: 8,
    writesMayWait: true,
    run: (target) => hold(target, 'BEGIN IMMEDIATE', 8_000, 100),
  },
  {
    name: "the store's write lock is held for 8 s, beside 100 writers",
    seconds: 8,
    writesMayWait: true,
    run: async (target) => {
      await Promise.all([
        hold(target, 'BEGIN EXCLUSIVE', 8_000, 100),
        again(100, () => document)(target),
        again(10, () => head('DELETE', '/data/none') + head('GET', '/data?limit=10'), 2)(target),
      ])
    },
  },
  {
    name: "the store's write lock is held for 400 ms again and again, beside uploads",
    writesMayWait: true,
    run: async (target) => {
      await Promise.all([
        hold(target, 'BEGIN IMMEDIATE', 400, 50),
        again(5, () => post(times('{"a":1}\n', 20_000), ndjson))(target),
      ])
    },
  },
  {
    name: 'a reader in another process, beside 100 writers',
    run: async (target) => {
      await Promise.all([
        hold(target, 'BEGIN', 8_000, 100),
        again(100, () => joined(post('{"a":1}', 'application/json', headers('Prefer: a'))))(target),
      ])
    },
  },
]
