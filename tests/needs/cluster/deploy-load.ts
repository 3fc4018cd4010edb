// The autoscaler under load: 2 to 5 pods and back, with samples on the way.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { listAt, numberAt } from '../../../deploy/cluster/kubectl.ts'
import { tryKubectl } from './cluster.ts'
import { deploy, inProject } from './deploy-project.ts'

export function scales(): void {
  test('load takes the application from 2 to 5 pods and lets it go back to 2', async (t) => {
    const { code, err, seconds } = await deploy(['load', '--minutes', '5', '--wait'])
    assert.equal(code, 0, err)
    const samples = listAt(
      { samples: JSON.parse(readFileSync(inProject('build/load.json'), 'utf8')) },
      'samples',
    )
    const most = (name: string) => Math.max(...samples.map((sample) => numberAt(sample, name) ?? 0))
    const total = (name: string) =>
      samples.reduce<number>((sum, sample) => sum + (numberAt(sample, name) ?? 0), 0)
    t.diagnostic(
      `load: ${seconds.toFixed(0)} s, CPU up to ${most('cpu')} %, ${most('replicas')} pods, ` +
        `${most('requests')} requests a second at most, ${total('requests')} in all`,
    )
    assert.equal(numberAt(samples[0], 'replicas'), 2)
    assert.ok(most('cpu') > 70)
    assert.equal(most('replicas'), 5)
    assert.equal(numberAt(samples.at(-1), 'replicas'), 2)
    assert.equal(total('failures'), 0)
    assert.deepEqual(Object.keys(Object(samples[0])), [
      'time',
      'replicas',
      'cpu',
      'target',
      'requests',
      'failures',
      'p50',
      'p95',
      'p99',
    ])
  })

  test('the load test leaves a picture that says what happened', () => {
    const page = readFileSync(inProject('build/load.html'), 'utf8')
    assert.match(page, /2 to 5 replicas after \d+ s.*, 0 of [\d,]+ requests failed/)
  })

  test('nothing of the load test stays in the cluster', async () => {
    const left = await tryKubectl('get', 'job,configmap,networkpolicy', 'app-load', '-n', 'mongo')
    assert.match(left.stderr, /app-load" not found/)
  })

  test('Ctrl+C during the load removes its job', async () => {
    const interrupt = { at: /\/70 %/, after: 500 }
    const { code, err } = await deploy(['load', '--minutes', '2'], { interrupt })
    assert.equal(code, 130, err)
    const left = await tryKubectl('get', 'job', 'app-load', '-n', 'mongo')
    assert.match(left.stderr, /not found/)
  })
}
