// Cost, not bytes: no single client takes the service down, or keeps it from the others.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { settings } from '../../../src/settings.ts'
import { client } from '../../support/client.ts'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildService } from './built-service.ts'
import type { CostAttack, Limits } from './costs/attack.ts'
import { type Outcome, runAttack } from './costs/attack-run.ts'
import { type AttackedService, podSettings, startAttacked } from './costs/attacked-service.ts'
import { kinds } from './costs/kinds.ts'
import { amount, short } from './form.ts'

const maxResident = 400 * 2 ** 20
// Milliseconds of the 99th percentile; on a busy machine twice what the same requests take at a service
// that nobody attacks.
const maxP99 = 250
// In the 4 s of the short form the 99th percentile of 45 requests is the slowest of them.
const attempts = 3
const usualSeconds = 8
const maxSeconds = amount('SECONDS', 60, 4)
const folder = temporaryFolder()
const main = buildService().at(-1) ?? ''
const forms: readonly Limits[] = ['default limits', 'MAX_BODY=32MiB']
const raised = {
  MAX_BODY: '32MiB',
  ...('MAX_ARRAY' in settings ? { MAX_ARRAY: '32MiB' } : {}),
}
type StoreSettings = Readonly<Record<string, string>>

function noCores(): string | false {
  if (process.platform !== 'linux') return 'cores and memory are named as Linux does'
  if (spawnSync('taskset', ['--version']).error) return 'there is no taskset on PATH'
  return availableParallelism() < 2 && 'the service and the attacker need a core each'
}

let idle: AttackedService
let attacks = 0

async function prepare(attack: CostAttack, limits: Limits, store: StoreSettings) {
  if (attack.seed) {
    // With room for every document that the store can keep, whatever the limits of the attacked service.
    const service = await startAttacked(main, { ...store, ...raised })
    await attack.seed(client(service.base))
    await service.stop()
  }
  // Or the disk is still busy with the seed, the build or the attack before, when good clients wait for theirs.
  spawnSync('sync')
  const limited = limits === 'default limits' ? {} : raised
  return startAttacked(main, { ...podSettings, ...limited, ...store, ...attack.settings })
}

/** Runs the attack on a service of its own. Returns what was late; throws at any other fault. */
async function attackOnce(
  t: TestContext,
  attack: CostAttack,
  limits: Limits,
  store: StoreSettings,
): Promise<string[]> {
  const service = await prepare(attack, limits, store)
  try {
    const { expect, seconds = usualSeconds } = attack
    const time = expect ? seconds : Math.min(seconds, maxSeconds)
    const honest = store.DB_URL === undefined ? undefined : attackCalled(attack.scansAs)
    const beside = honest && (await runAttack(honest, time, service, idle, ''))
    if (honest && beside) t.diagnostic(rowOf(`${honest.name}, instead of it`, beside))
    const outcome = await runAttack(attack, time, service, idle, store.DATA_FILE ?? '')
    t.diagnostic(rowOf(t.name, outcome))
    t.diagnostic(JSON.stringify(outcome.seen))
    assert.ok(outcome.alive, `it ended with ${service.end}`)
    assert.deepEqual(faults(attack, limits, outcome), [])
    assert.equal(await service.stop(), 0, 'the exit code')
    return lateness(attack, outcome, beside)
  } finally {
    service.kill()
  }
}

/** A pause of the machine does not come each time; one that the attack makes does, in a new process too. */
async function withstands(
  t: TestContext,
  attack: CostAttack,
  limits: Limits,
  newStore: () => StoreSettings,
): Promise<void> {
  let late: string[] = []
  for (let left = attempts; left > 0; left--) {
    late = await attackOnce(t, attack, limits, newStore())
    if (late.length === 0) return
  }
  assert.deepEqual(late, [])
}

const attackCalled = (name: string | undefined) =>
  kinds.flatMap(({ attacks }) => attacks).find((attack) => attack.name === name)

/** What good clients wait for longer than they may: than twice what they wait at the idle service, or `beside`. */
function lateness(
  { writesMayWait }: CostAttack,
  { fared, idle }: Outcome,
  beside?: Outcome,
): string[] {
  const sorts = writesMayWait ? (['reads'] as const) : (['reads', 'writes'] as const)
  return sorts.flatMap((sort) => {
    const usual = Math.max(idle[sort].p99, beside?.fared[sort].p99 ?? 0)
    if (fared[sort].p99 < Math.max(maxP99, 2 * usual)) return []
    return `the p99 of good ${sort} is ${fared[sort].p99} ms, ${usual} ms without the attack`
  })
}

/** Everything else that is not as it must be, not only the first. */
function faults(
  attack: CostAttack,
  limits: Limits,
  { seen, fared, peak, held }: Outcome,
): string[] {
  const { reads, writes } = fared
  const found: string[] = []
  const must = (holds: boolean, fault: string) => {
    if (!holds) found.push(fault)
  }
  must(peak <= maxResident, `${inMiB(peak)} MiB are resident`)
  must(reads.answered > 0 && reads.refused === 0, `${reads.refused} good reads were refused`)
  const mayRefuse = attack.writesMayWait || (!attack.noRefusal && writes.refused < writes.answered)
  must(mayRefuse || writes.refused === 0, `${writes.refused} good writes were refused`)
  for (const [what, count] of Object.entries({ ...reads.failures, ...writes.failures })) {
    found.push(`good clients saw ${count} times: ${what}`)
  }
  for (const [what, count] of Object.entries(seen)) {
    must(!/^5\d\d$/.test(what) || what === '503', `${count} answers are ${what}`)
  }
  must(held.length === 0, `afterwards there are still: ${held.join(', ')}`)
  const perAnswer = (seen.bytes ?? 0) / answersIn(seen)
  const allowed = attack.answerBytes ?? Number.POSITIVE_INFINITY
  must(!(perAnswer > allowed), `an answer has ${Math.round(perAnswer)} bytes`)
  try {
    attack.expect?.(seen, limits)
  } catch (error) {
    found.push(String(error))
  }
  return found
}

const inMiB = (bytes: number) => Math.round(bytes / 2 ** 20)

const answersIn = (seen: Readonly<Record<string, number>>) =>
  Object.entries(seen).reduce((sum, [what, count]) => sum + (/^\d{3}$/.test(what) ? count : 0), 0)

/** A row of the table in docs/reliability.md. */
function rowOf(name: string, { fared, idle, alive, peak, seen }: Outcome): string {
  const { reads, writes } = fared
  const statuses = Object.entries(seen).filter(([what]) => /^\d{3}$/.test(what))
  const answers = statuses.map(([status, count]) => `${count} ${status}`).join(', ') || 'none'
  const figures = [
    `${reads.p99} / ${writes.p99}`,
    `${idle.reads.p99} / ${idle.writes.p99}`,
    `${reads.answered + writes.answered}`,
    `${reads.refused + writes.refused}`,
    alive ? `${inMiB(peak)}` : 'ended',
    answers,
  ]
  return `| ${name} | ${figures.join(' | ')} |`
}

/** Those of the form that runs, each under the limits that it runs under. */
function chosen(both: boolean): { kind: string; attack: CostAttack; limits: Limits }[] {
  return kinds.flatMap(({ kind, attacks }) =>
    attacks
      .filter(({ bothStores }) => !both || bothStores === true)
      .flatMap((attack) => forms.map((limits) => ({ kind, attack, limits })))
      .filter(({ attack, limits }) => !short || attack.short === limits),
  )
}

describe('what one client costs the others', { skip: noCores() }, () => {
  before(async () => {
    const DATA_FILE = join(folder, 'idle.db')
    // Not on the core that an attack may fill: what it measures is the rest of the machine.
    idle = await startAttacked(main, { ...podSettings, DATA_FILE }, '1')
  })
  after(async () => {
    await idle.stop()
  })

  for (const { kind, attack, limits } of chosen(false)) {
    it(`${kind}: ${attack.name}, ${limits}, SQLite`, (t) =>
      withstands(t, attack, limits, () => ({ DATA_FILE: join(folder, `${++attacks}.db`) })))
  }

  describe('on MongoDB', { skip: noMongod() ?? false }, () => {
    let mongod: Mongod
    before(async () => {
      mongod = await startMongod()
    })
    after(() => mongod.remove())
    const newStore = (): StoreSettings => ({
      DB_URL: mongod.address,
      DB_NAME: `costs_${++attacks}`,
      USER_NAME: testUser.name,
      USER_PWD: testUser.password,
    })

    for (const { kind, attack, limits } of chosen(true)) {
      it(`${kind}: ${attack.name}, ${limits}, MongoDB`, (t) =>
        withstands(t, attack, limits, newStore))
    }
  })
})
