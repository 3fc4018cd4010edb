// Floods: memory stays bounded, good clients are answered meanwhile, and it is over when they stop.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { client } from '../../support/client.ts'
import { peakWhile } from '../../support/resident-set.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import {
  type Attack,
  flood,
  idle,
  pipelined,
  slowBodies,
  slowHeads,
  slowLines,
  slowReaders,
} from './attacks.ts'
import { buildService } from './built-service.ts'
import { short } from './form.ts'
import { goodClients, goodReaders } from './good-clients.ts'

const folder = temporaryFolder()
const command = buildService()
const files = 12_000
const seconds = short ? 3 : 20
const allowedRise = 150 * 2 ** 20
const allowedRecovery = 30_000

const attacks: readonly Attack[] = short
  ? [idle(10_000), slowHeads(500), slowBodies(300), slowReaders(500), pipelined(50, 50_000)]
  : [
      idle(10_000),
      slowHeads(5_000),
      slowBodies(2_000),
      slowLines(2_000),
      slowReaders(2_000),
      flood(256),
      flood(2_000),
      pipelined(50, 50_000),
      pipelined(500, 50_000),
    ]

const noFiles = (): string | false => {
  if (process.platform !== 'linux') return 'the files of a process are counted as Linux does'
  const allowed = execFileSync('bash', ['-c', 'ulimit -Hn']).toString().trim()
  if (allowed === 'unlimited' || Number(allowed) >= files) return false
  return `a process may open ${allowed} files here, and the test needs ${files}`
}

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)

describe('a service under a flood', { skip: noFiles(), timeout: 600_000 }, () => {
  let service: ServiceProcess
  before(async () => {
    const settings = { DATA_FILE: join(folder, 'flood.db'), MAX_BODIES: '32MiB' }
    const limited = ['bash', '-c', `ulimit -n ${files} && exec "$@"`, 'bash', ...command]
    service = await startProcess(settings, limited)
    const lines = `${JSON.stringify({ text: 'x'.repeat(900) })}\n`.repeat(20_000)
    await client(service.base).post(lines, { 'content-type': 'application/x-ndjson' })
    await goodClients(service.port, 1)
  })
  after(async () => {
    service.signal('SIGKILL')
    await service.exited
  })

  it('answers good clients before there is one', async (t) => {
    const fared = await goodClients(service.port, 2)
    t.diagnostic(`| nobody else | ${fared.answered} | ${fared.p50} | ${fared.p99} |`)
    assert.ok(fared.answered > 0 && fared.refused === 0 && fared.cut === 0)
  })

  for (const attack of attacks) {
    it(`serves good clients beside ${attack.connections} ${attack.name}`, async (t) => {
      const { result, before, peak } = await peakWhile(service.child.pid ?? 0, async () => {
        const { stop } = await attack.begin(service.port, seconds)
        const [fared, readers] = await Promise.all([
          goodClients(service.port, seconds),
          attack.besideReaders ? goodReaders(service.port, seconds) : undefined,
        ])
        return { fared, readers, seen: await stop() }
      })
      const { fared, readers, seen } = result
      const stoppedAt = performance.now()
      await recovered(service, allowedRecovery)
      const recovery = Math.round(performance.now() - stoppedAt)
      const rise = peak - before
      t.diagnostic(
        `| ${attack.connections} ${attack.name} | ${fared.answered} | ${fared.refused} | ${fared.cut} | ` +
          `${fared.p50} | ${fared.p99} | +${megabytes(rise)} to ${megabytes(peak)} | ${recovery} |`,
      )
      t.diagnostic(readers ? `${seen}; good readers: ${JSON.stringify(readers)}` : seen)
      assert.ok(fared.answered > 0, 'no good client was answered')
      if (readers) assert.ok(readers.whole + readers.refused > 0, 'no list was answered')
      assert.ok(rise < allowedRise, `the resident set rose by ${megabytes(rise)} MiB`)
      assert.equal(service.child.exitCode, null)
    })
  }
})

/** Resolves when ten requests in a row are answered and nothing of the flood is left in flight. */
async function recovered(service: ServiceProcess, within: number): Promise<void> {
  const until = Date.now() + within
  const api = client(service.base)
  for (let inRow = 0; inRow < 10; ) {
    const written = (await api.post('{"n":1}')).status === 201
    const { text } = await api.get('/metrics')
    inRow = written && /^http_requests_in_flight 1$/m.test(text) ? inRow + 1 : 0
    assert.ok(
      Date.now() < until,
      `it has not recovered: ${/^http_requests_in_flight.*/m.exec(text)}`,
    )
    if (inRow === 0) await sleep(20)
  }
}
