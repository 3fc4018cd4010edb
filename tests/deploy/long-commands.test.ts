// The commands that go on until Ctrl+C, and what a rollback leaves behind, on recorded tools.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { exitCodes } from '../../deploy/cluster/report.ts'
import { findPwsh, makeWorld, noSignals, realClock } from '../support/deploy/world.ts'

const there = ['exists', 'running', 'metrics', 'deployed']

const pwsh = findPwsh()
for (const [script, skip] of [
  ['deploy.sh', noSignals],
  ['deploy.ps1', noSignals || (pwsh === undefined && 'pwsh is not on PATH')],
] as const) {
  describe(`database of ${script}`, { skip, timeout: 60_000, concurrency: 2 }, () => {
    it('leads to the database until Ctrl+C, and shows no password', async () => {
      const world = makeWorld(...there)
      const run = await world.run(script, ['database'], {}, /Leave this window open/)
      world.close()
      assert.equal(run.code, exitCodes.interrupted.code, run.err)
      assert.match(
        run.err,
        /mongodb:\/\/admin:<password>@127\.0\.0\.1:\d+\/mongo_data\?authSource=admin&/,
      )
      assert.ok(!run.err.includes('RecordedPassword'))
      assert.ok(run.calls.some((call) => /port-forward .*service\/mongodb \d+:27017$/.test(call)))
    })

    it('has the password if it is asked for', async () => {
      const world = makeWorld(...there)
      const words = ['database', '--show-password']
      const run = await world.run(script, words, {}, /Leave this window open/)
      world.close()
      assert.match(run.err, /mongodb:\/\/admin:RecordedPasswordOfThirtyChars@127/)
    })

    it('takes another port if its own is taken', async () => {
      const taken = createServer().listen(27017, '127.0.0.1')
      const [error] = await Promise.race([
        once(taken, 'listening').then(() => []),
        once(taken, 'error'),
      ])
      const world = makeWorld(...there)
      const run = await world.run(script, ['database'], {}, /Leave this window open/)
      world.close()
      // Taken by this test or by a database of this machine: it is taken.
      if (!error) taken.close()
      assert.match(run.err, /@127\.0\.0\.1:270(?:1[89]|[2-9]\d)\//)
    })

    it('ends with 40 and kubectl’s words if no way leads there', async () => {
      const world = makeWorld(...there, 'fault-forward')
      const run = await world.run(script, ['database'])
      world.close()
      assert.equal(run.code, exitCodes.noAnswer.code, run.err)
      assert.match(run.err, /it says: +error: unable to forward port/)
    })
  })

  describe(`dev of ${script}`, { skip, timeout: 60_000 }, () => {
    it('runs the code of the folder on that database, and says what differs', async () => {
      const world = makeWorld(...there, 'token')
      const env = { ...realClock, PORT: '0', LOG_FORMAT: 'json' }
      const run = await world.run(script, ['dev'], env, /"needsToken"/)
      world.close()
      assert.equal(run.code, exitCodes.interrupted.code, run.err)
      assert.match(
        run.err,
        /runs here, on the documents of the cluster "minikube": what it writes is there/,
      )
      assert.match(`${run.out}${run.err}`, /"needsToken":"writes"/)
      assert.ok(!`${run.out}${run.err}`.includes('RecordedPassword'))
    })
  })

  describe(`logs --follow of ${script}`, { skip, timeout: 60_000 }, () => {
    it('goes on with the pods that a rollout brings', async () => {
      const world = makeWorld(...there)
      const words = ['logs', '--follow']
      const run = await world.run(script, words, {}, /app-2\/app\] ready/)
      world.close()
      assert.equal(run.code, exitCodes.interrupted.code, run.err)
      const followed = run.calls.filter((call) => call.startsWith('kubectl logs -f'))
      assert.match(followed[0] ?? '', /--tail=50 app-1$/)
      assert.match(followed[1] ?? '', /--tail=-1 app-2$/)
      assert.match(run.out, /\[pod\/app-2\/app\] ready/)
    })
  })
}

describe('after a rollback', () => {
  const write = async (image: string) => {
    const world = makeWorld(...there)
    const deployment = {
      kind: 'Deployment',
      metadata: {
        name: 'app-deployment',
        annotations: { 'data-service/rolled-back': 'data-service:bad' },
      },
    }
    world.set('objects', JSON.stringify({ kind: 'List', items: [deployment] }))
    const line = `node deploy/commands/write-manifests.ts --image ${image}`
    const run = await world.paste('deploy.sh', line)
    world.close()
    return run
  }
  const removed =
    /annotate -n mongo --context minikube deployment app-deployment data-service\/rolled-back-$/

  it('the image that was rolled back is noted', async () => {
    const world = makeWorld(...there)
    const run = await world.run('deploy.sh', ['rollback'])
    world.close()
    assert.equal(run.code, 0, run.err)
    assert.ok(
      run.calls.some((call) =>
        /annotate .* data-service\/rolled-back=data-service:bad --overwrite$/.test(call),
      ),
    )
  })

  it('up does not bring the same version again unasked', async () => {
    const run = await write('data-service:bad')
    assert.equal(run.code, exitCodes.declined.code, run.err)
    assert.match(run.err, /data-service:bad was rolled back.*nothing is changed[\s\S]*up --yes/)
    assert.ok(!run.calls.some((call) => /annotate/.test(call)))
  })

  for (const words of ['data-service:bad --yes', 'data-service:good']) {
    it(`up brings ${words}, and forgets the rollback`, async () => {
      const run = await write(words)
      assert.equal(run.code, 0, run.err)
      assert.match(run.err, /data-service:bad was rolled back; this brings data-service/)
      assert.ok(
        run.calls.some((call) => removed.test(call)),
        run.calls.join('\n'),
      )
    })
  }
})
