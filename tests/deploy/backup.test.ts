// run-job.ts and the commands down, backup and restore on recorded tools: what is made, and what is said if it fails.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { listAt, textAt, valueAt } from '../../deploy/cluster/kubectl.ts'
import { there } from '../support/deploy/cases.ts'
import { makeWorld, type Run, type World } from '../support/deploy/world.ts'

async function runIn(
  words: readonly string[],
  facts: Readonly<Record<string, string>>,
  look: (world: World) => void = () => {},
): Promise<Run> {
  const world = makeWorld(...there)
  try {
    for (const [fact, content] of Object.entries(facts)) world.set(fact, content)
    const run = await world.run('deploy.sh', words)
    look(world)
    return run
  } finally {
    world.close()
  }
}

describe('the backup job by hand', { concurrency: 2 }, () => {
  test('is the nightly one with another task, and is removed with its CronJob', async () => {
    const words = ['restore', 'latest', '--yes']
    const { code, err } = await runIn(words, {}, ({ folder }) => {
      const made: unknown = JSON.parse(readFileSync(join(folder, '../world/created'), 'utf8'))
      assert.equal(textAt(made, 'metadata', 'name'), 'app-restore')
      assert.equal(textAt(made, 'metadata', 'ownerReferences', 0, 'name'), 'app-backup')
      const container = valueAt(made, 'spec', 'template', 'spec', 'containers', 0)
      assert.equal(textAt(container, 'image'), 'data-service:0123456789ab')
      assert.deepEqual(
        listAt(container, 'env').map((entry) => textAt(entry, 'value')),
        ['/run/credentials/password', 'restore latest'],
      )
    })
    assert.equal(code, 0, err)
  })

  test('that fails ends with its own words, and says that the last good backup stays', async () => {
    const { code, err } = await runIn(['backup'], { 'fault-job': '{}' })
    assert.equal(code, 60, err)
    assert.match(
      err,
      /FAILED: job\/app-backup-now has failed\n {2}it says: {2}the file is not what/,
    )
    assert.match(err, /the last good one stays/)
  })

  test('that was killed for its memory says so', async () => {
    const state = { terminated: { reason: 'OOMKilled', exitCode: 137 } }
    const pod = JSON.stringify({ status: { containerStatuses: [{ state }] } })
    const { code, err } = await runIn(['restore', 'latest', '--yes'], { 'fault-job': pod })
    assert.equal(code, 61, err)
    assert.match(err, /job\/app-restore has failed: OOMKilled/)
  })

  test('is not made while another runs, or if there is no nightly one', async () => {
    const running = await runIn(['backup'], { 'job-runs': '' })
    assert.equal(running.code, 60, running.err)
    assert.match(running.err, /job\/app-backup-now runs already/)
    const none = await runIn(['backup'], { 'no-cronjob': '' })
    assert.equal(none.code, 25, none.err)
    assert.match(none.err, /there is no cronjob\/app-backup .*\n {2}remedy: .* up --backup nightly/)
  })
})

describe('down', { concurrency: 2 }, () => {
  test('says where the backups are, unless it removes them', async () => {
    const kept = await runIn(['down', '--data', '--yes'], {})
    assert.match(kept.err, /Every document in it goes too\. The backups stay\./)
    assert.match(
      kept.err,
      /The backups are in \/data\/backups of the node: .*\.sh up, then .*restore/,
    )
    assert.ok(!kept.calls.some((call) => call.includes('rm -rf /data/backups')))
    const removed = await runIn(['down', '--data', '--backups', '--yes'], {})
    assert.match(removed.err, /and every backup\. There is no way back\./)
    assert.ok(removed.calls.some((call) => call.endsWith('sudo rm -rf /data/backups')))
    assert.doesNotMatch(removed.err, /The backups are in/)
  })

  test('knows that the documents are in a database that others run, and stay there', async () => {
    const noted = JSON.stringify({ data: { options: '--cpu=70 --database=external' } })
    const { code, err } = await runIn(['down', '--data', '--yes'], { noted })
    assert.equal(code, 0, err)
    assert.match(err, /The documents of the external database stay where they are\./)
    assert.doesNotMatch(err, /Removes the application and its database server/)
  })
})
