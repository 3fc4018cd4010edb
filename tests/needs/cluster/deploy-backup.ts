// A backup that restores itself: made, verified, restored into a new database; and what goes wrong with one.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes } from '../../../deploy/cluster/report.ts'
import { eventually, kubectl, minikube, short } from './cluster.ts'
import { deploy } from './deploy-project.ts'
import { startWriter } from './deploy-traffic.ts'
import { upWords, urlOf } from './deploy-up.ts'

const inMongo = ['-n', 'mongo']
const ndjson = 'application/x-ndjson'

/** Every document, as an export has them. */
const exported = async (url: string) =>
  await (await fetch(`${url}/data`, { headers: { accept: ndjson } })).text()

const bodyOf = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => {
    const n = first + at
    const id = `backup-${`${n}`.padStart(6, '0')}`
    // Random, or the file would compress to less than the tests wait for.
    const text = `ü ${randomBytes(100).toString('hex')}`
    return `${JSON.stringify({ _id: id, n, '3': 'three', text })}\n`
  }).join('')

async function write(url: string, first: number, count: number): Promise<void> {
  const headers = { 'content-type': ndjson }
  for (let at = first; at < first + count; at += 5000) {
    const body = bodyOf(at, Math.min(5000, first + count - at))
    const answer = await fetch(`${url}/data`, { method: 'POST', headers, body })
    assert.equal(answer.status, 201, await answer.text())
  }
}

const inNode = (line: string) => minikube('ssh', '--', `sudo sh -c '${line}'`)

/** The backups that count, the newest first. */
async function backups(): Promise<string[]> {
  const { code, out, err } = await deploy(['restore'])
  assert.equal(code, 0, err)
  return out.split('\n').flatMap((line) => line.match(/^\S+\.ndjson\.gz/)?.[0] ?? [])
}

/** Seconds since the epoch, as the pods say it. */
async function verified(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^store_backup_timestamp_seconds (\S+)$/m.exec(metrics)?.[1])
}

export function backsUp(): void {
  let before = ''

  test('a backup is written, restored beside it and compared, and the pods and status know when', async () => {
    const url = await urlOf()
    const earlier = await backups()
    await write(url, 0, 2000)
    before = await exported(url)
    const documents = before.trim().split('\n').length
    const began = Date.now() / 1000 - 5
    const { code, out, err } = await deploy(['backup'])
    assert.equal(code, 0, err)
    const made = new RegExp(`${documents} documents are in data-service-.*, restored and compared`)
    assert.match(out, made)
    assert.equal((await backups()).length, earlier.length + 1)
    await eventually(10, async () => assert.ok((await verified(url)) > began))
    const status = await deploy(['status'])
    assert.equal(status.code, 0, status.out)
    assert.match(status.out, /\nbackup {7}\S+ \S+ UTC, \d+s ago, restored and compared\n/)
  })

  test('down --data keeps the backups and says where; an empty database is not backed up; restore brings every byte back', async (t) => {
    const url = await urlOf()
    const there = await backups()
    const down = await deploy(['down', '--data', '--yes'])
    assert.equal(down.code, 0, down.err)
    assert.match(down.err, /The backups are in \/data\/backups of the node/)
    // The autoscaler's first figure, for which `up` waits, is nothing that a restore needs.
    const coming = deploy(upWords)
    await eventually(420, async () => {
      assert.equal((await fetch(`${url}/readyz`)).status, 200)
      await kubectl('get', 'cronjob', 'app-backup', ...inMongo)
    })
    assert.equal(await exported(url), '')
    const empty = await deploy(['backup'])
    assert.equal(empty.code, exitCodes.backup.code, empty.err)
    assert.match(empty.err, /the database has no documents, and earlier backups have some/)
    assert.deepEqual(await backups(), there)
    const { code, out, err, seconds } = await deploy(['restore', 'latest', '--yes'])
    t.diagnostic(`restore: ${seconds.toFixed(1)} s`)
    assert.equal(code, 0, err)
    assert.match(out, /\d+ documents of \S+ are in the database, and equal to it/)
    assert.equal(await exported(url), before)
    await eventually(10, async () => assert.ok((await verified(url)) > 0))
    const up = await coming
    assert.equal(up.code, 0, up.err)
  })

  // The short form shows that a backup comes back; what goes wrong with one takes longer.
  if (short) return

  test('a restore under load refuses writes with 503 for a moment, and loses none that was acknowledged', async (t) => {
    const url = await urlOf()
    const writer = startWriter(url, 4, 30)
    await sleep(1000)
    const { code, out, err } = await deploy(['restore', 'latest', '--yes'])
    await sleep(3000)
    const answers = await writer.stop()
    assert.equal(code, 0, err)
    const refused = answers.filter(({ status }) => status !== 201)
    t.diagnostic(`${answers.length} writes, of which ${refused.length} were refused`)
    const statuses = new Set(refused.map(({ status }) => status))
    assert.ok(statuses.has(503))
    // On a busy machine an answer may not come at all: that acknowledges nothing.
    assert.ok([...statuses].every((status) => status === 503 || status === -1))
    const now = await exported(url)
    const [, aside = ''] = /the earlier ones are in (\S+):/.exec(out) ?? []
    const then = await inNode(`zcat /data/backups/${aside}`)
    const lost = answers.filter(
      ({ id, status }) => status === 201 && !now.includes(id) && !then.includes(id),
    )
    assert.deepEqual(lost, [])
    assert.ok(answers.at(-1)?.status === 201, 'writes go on')
    assert.ok(now.includes(before.slice(0, 200)))
  })

  test('a flipped byte in a backup fails its restore, and changes no document', async () => {
    const url = await urlOf()
    const now = await exported(url)
    const [last = ''] = await backups()
    await inNode(
      `cp -p /data/backups/${last} /data/kept; printf X | dd of=/data/backups/${last} bs=1 seek=2000 conv=notrunc`,
    )
    const { code, err } = await deploy(['restore', last, '--yes'])
    assert.equal(code, exitCodes.restore.code, err)
    assert.match(err, new RegExp(`${last} is damaged: `))
    assert.equal(await exported(url), now)
    await inNode(`mv /data/kept /data/backups/${last}`)
  })

  test('100,000 documents take less than 5 minutes and 256 MiB', async (t) => {
    await write(await urlOf(), 100_000, 100_000)
    const { code, out, err, seconds } = await deploy(['backup'])
    assert.equal(code, 0, err)
    const [, documents = ''] = /(\d+) documents are in data-service-/.exec(out) ?? []
    const [, memory = ''] = /at most ([\d.]+) MiB of memory/.exec(`${out}${err}`) ?? []
    t.diagnostic(`${documents} documents: ${seconds.toFixed(1)} s, ${memory} MiB`)
    assert.ok(Number(documents) >= 100_000)
    assert.ok(seconds < 300)
    assert.ok(Number(memory) > 0 && Number(memory) < 256)
  })

  test('a byte that is flipped while a backup is made fails it, and the last good one stays', async () => {
    const there = await backups()
    const flip =
      'until f=$(ls /data/backups/*.part 2>/dev/null) && [ $(stat -c %s $f) -gt 1000000 ]; do sleep 0.05; done; printf X | dd of=$f bs=1 seek=200000 conv=notrunc'
    const flipped = inNode(flip)
    const { code, err } = await deploy(['backup'])
    await flipped
    assert.equal(code, exitCodes.backup.code, err)
    assert.match(err, /is damaged: |is not what the database gave/)
    assert.deepEqual(await backups(), there)
  })

  test('a job that is killed half-way leaves no backup and the last good one', async () => {
    const there = await backups()
    const making = deploy(['backup'])
    await inNode('until ls /data/backups/*.part 2>/dev/null; do sleep 0.05; done')
    await kubectl('delete', 'pod', ...inMongo, '-l', 'job-name=app-backup-now', '--now')
    const { code, out, err } = await making
    assert.equal(code, exitCodes.backup.code, err)
    assert.match(`${out}${err}`, /SIGTERM: ended half-way|it was killed, or its pod was removed/)
    assert.deepEqual(await backups(), there)
  })

  test('a full volume fails the backup in its own words, and the last good one stays', async () => {
    const there = await backups()
    await inNode(
      'mkdir -p /data/aside; mv /data/backups/* /data/aside/; mount -t tmpfs -o size=100k,uid=999,gid=999 tmpfs /data/backups',
    )
    const { code, err } = await deploy(['backup'])
    await inNode('umount /data/backups; mv /data/aside/* /data/backups/; rmdir /data/aside')
    assert.equal(code, exitCodes.backup.code, err)
    assert.match(err, /there is no room for another backup: 0\.\d MiB of 0\.1 MiB are free/)
    assert.deepEqual(await backups(), there)
  })

  test('down --data --backups leaves nothing', async () => {
    const { code, err } = await deploy(['down', '--data', '--backups', '--yes'])
    assert.equal(code, 0, err)
    assert.deepEqual(await backups(), [])
  })
}
