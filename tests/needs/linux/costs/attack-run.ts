// One attack on one service: who else is served meanwhile, what it takes, what is left of it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CostAttack, Counts } from './attack.ts'
import type { AttackedService } from './attacked-service.ts'
import type { FaredAtPort } from './steady-client.ts'

export interface Outcome {
  /** Statuses, bytes and what else the attacker counted. */
  readonly seen: Counts
  /** How good clients fared at the attacked service, and at one beside it that nobody attacked. */
  readonly fared: FaredAtPort
  readonly idle: FaredAtPort
  readonly alive: boolean
  /** Bytes. */
  readonly peak: number
  /** What the service's budgets still hold. */
  readonly held: readonly string[]
}

const folder = import.meta.dirname
// Milliseconds for an attacker to end after its time, and for the budgets to be empty: what clients have sent
// is parsed though they have left, since one that has closed its half may wait for its answer: 2.8 million lines
// of {}, which the stand-in for MongoDB stores in a minute.
const grace = 120_000

/** A script of this folder on the other core. `nice` keeps an attacker from taking it from good clients. */
const onOtherCore = (nice: string, script: string, ...args: readonly string[]) =>
  spawn(
    'taskset',
    ['-c', '1', 'nice', '-n', nice, process.execPath, `${folder}/${script}`, ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )

/** What the process prints until it ends. */
async function outputOf({ stdout }: ReturnType<typeof onOtherCore>): Promise<unknown> {
  let text = ''
  for await (const chunk of stdout) text += String(chunk)
  return text === '' ? undefined : JSON.parse(text)
}

/** Runs the attack beside good clients of both services. */
export async function runAttack(
  attack: CostAttack,
  seconds: number,
  service: AttackedService,
  idle: AttackedService,
  dataFile: string,
): Promise<Outcome> {
  const clients = onOtherCore('0', 'steady-client.ts', String(service.port), String(idle.port))
  const fared = outputOf(clients)
  await sleep(500)
  service.resetPeak()
  const args = [attack.name, String(service.port), String(seconds), dataFile]
  const attacker = onOtherCore('19', 'attacker.ts', ...args)
  const timer = setTimeout(() => attacker.kill('SIGKILL'), seconds * 1000 + grace)
  const [seen] = await Promise.all([outputOf(attacker), once(attacker, 'exit')])
  clearTimeout(timer)
  await sleep(500) // what it left behind must not harm good clients either
  clients.stdin.end()
  const [atService, atIdle] = asFared(await fared)
  const alive = service.alive
  return {
    seen: asCounts(seen),
    fared: atService,
    idle: atIdle,
    alive,
    peak: alive ? service.peak() : Number.NaN,
    held: alive ? await service.holds(grace) : [],
  }
}

function asCounts(value: unknown): Counts {
  assert.ok(typeof value === 'object' && value !== null, 'the attacker did not end on its own')
  return Object.fromEntries(Object.entries(value).map(([name, count]) => [name, Number(count)]))
}

const isFared = (value: unknown): value is FaredAtPort =>
  typeof value === 'object' && value !== null && 'reads' in value && 'writes' in value

function asFared(value: unknown): [FaredAtPort, FaredAtPort] {
  const [atService, atIdle] = Array.isArray(value) ? value : []
  assert.ok(isFared(atService) && isFared(atIdle), 'the good clients did not end')
  return [atService, atIdle]
}
