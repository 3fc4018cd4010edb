// From nothing to a working URL, and the second time nothing is restarted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listAt, numberAt, textAt } from '../../../deploy/cluster/kubectl.ts'
import { kubectl } from './cluster.ts'
import { deploy, makeProject } from './deploy-project.ts'

/** A short window, so that scale-in comes soon. */
export const upWords = ['up', '--scale-down-window', '15']

/** Which pods there are and how often their containers have started. */
async function pods(): Promise<string[]> {
  const answer: unknown = JSON.parse(await kubectl('get', 'pods', '-n', 'mongo', '-o', 'json'))
  return listAt(answer, 'items').map((pod) => {
    const restarts = numberAt(pod, 'status', 'containerStatuses', 0, 'restartCount')
    return `${textAt(pod, 'metadata', 'name')} ${textAt(pod, 'metadata', 'uid')} ${restarts}`
  })
}

export async function urlOf(): Promise<string> {
  const { code, out, err } = await deploy(upWords)
  assert.equal(code, 0, err)
  return out.trim()
}

/** A start of minikube that Ctrl+C cuts short, and the `up` after it. */
export function comesUpAfterInterruption(): void {
  test('Ctrl+C while minikube starts leaves a machine on which the next up works', async () => {
    const interrupt = { at: /\+ minikube start/, after: 4000 }
    const { code, err } = await deploy(upWords, { interrupt })
    assert.equal(code, 130, err)
  })
}

export function comesUp(): void {
  test('deploy.sh goes from a clean machine to a working URL without a question', async (t) => {
    const { code, out, err, seconds } = await deploy(upWords)
    t.diagnostic(`first up: ${seconds.toFixed(1)} s`)
    assert.equal(code, 0, err)
    assert.match(out, /^http:\/\/[\d.]+:\d+\n$/)
    const answer = await fetch(out.trim())
    assert.equal(answer.status, 200)
    assert.match(err, /the autoscaler sees \d+ % of CPU/)
  })

  test('the second up takes less than 20 s and restarts nothing', async (t) => {
    const before = await pods()
    const { code, err, seconds } = await deploy(upWords)
    t.diagnostic(`second up: ${seconds.toFixed(1)} s`)
    assert.equal(code, 0, err)
    assert.ok(seconds < 20, `${seconds} s`)
    assert.deepEqual(await pods(), before)
    assert.doesNotMatch(err, /\+ (?:docker build|minikube (?:start|image load|addons))/)
  })

  test('the dry run prints what that second up has executed', async () => {
    const printed = await deploy([...upWords, '--dry-run'])
    const executed = await deploy(upWords)
    const lines = executed.err.split('\n').filter((line) => line.startsWith('+ '))
    assert.deepEqual(
      printed.out.trimEnd().split('\n'),
      lines.map((line) => line.slice(2)),
    )
  })

  test('a build/ that was lost gets the password of the cluster back', async () => {
    const password = await kubectl('get', 'secret', 'mongo-secret', '-n', 'mongo', '-o', 'json')
    makeProject()
    const { code, err } = await deploy(upWords)
    assert.equal(code, 0, err)
    assert.match(err, /has the cluster's password again/)
    const after: unknown = JSON.parse(
      await kubectl('get', 'secret', 'mongo-secret', '-n', 'mongo', '-o', 'json'),
    )
    assert.equal(
      textAt(after, 'data', 'password'),
      textAt(JSON.parse(password), 'data', 'password'),
    )
  })

  test('test, status and logs show a working application', async () => {
    const tried = await deploy(['test'])
    assert.equal(tried.code, 0, tried.err)
    assert.match(tried.out, /"3":"three"/)
    const status = await deploy(['status'])
    assert.equal(status.code, 0, status.err)
    for (const part of [/2 of 2 pods ready/, /MiB in/, /CPU \d+ %/, /data-service:[0-9a-f]{12}/]) {
      assert.match(status.out, part)
    }
    const logs = await deploy(['logs'])
    assert.equal(logs.code, 0, logs.err)
    assert.match(logs.out, /\[pod\/app-deployment-/)
    const opened = await deploy(['open'])
    assert.equal(opened.code, 0, opened.err)
    assert.match(opened.out, /http:\/\//)
  })
}
