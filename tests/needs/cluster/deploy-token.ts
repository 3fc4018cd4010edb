// API_TOKEN on a cluster: clients with the token write, and without its Secret no pod starts open.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { execPath } from 'node:process'
import { test } from 'node:test'
import { exitCodes } from '../../../deploy/cluster/report.ts'
import { eventually, kubectl, run } from './cluster.ts'
import { typeRemedy } from './deploy-faults.ts'
import { deploy, inProject } from './deploy-project.ts'
import { upWords, urlOf } from './deploy-up.ts'

const needsToken = (scope: string) =>
  run(execPath, [inProject('manifests.ts'), '--out', inProject('build'), '--api-token', scope])

async function statusOf(url: string, method: string, token?: string): Promise<number> {
  const answer = await fetch(`${url}/data/token-${method}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(method === 'PUT' && { body: '{"n":1}' }),
  })
  await answer.arrayBuffer()
  return answer.status
}

/** The pods before the change answer for as long as they drain, on connections that were open. */
const comesTo = (status: number, url: string, method: string) =>
  eventually(40, async () => assert.equal(await statusOf(url, method), status))

export function asksForToken(): void {
  const token = randomBytes(32).toString('hex')
  const inMongo = ['-n', 'mongo']

  test('with a Secret for the token only clients that have it write, and later starts keep that', async () => {
    const literal = `--from-literal=token=${token}`
    await kubectl('create', 'secret', 'generic', 'api-token', ...inMongo, literal)
    await needsToken('writes')
    for (const url of [await urlOf(), await urlOf()]) {
      await comesTo(401, url, 'PUT')
      assert.equal(await statusOf(url, 'PUT', `${token}x`), 401)
      assert.ok([200, 201].includes(await statusOf(url, 'PUT', token)))
      assert.equal(await statusOf(url, 'GET'), 404)
    }
    // Of all pods: an old one may still be there, and would be the one that `deployment/...` means.
    const ofPods = ['-l', 'app.kubernetes.io/name=data-service', '--tail=-1']
    const logs = await kubectl('logs', ...ofPods, ...inMongo)
    const objects = await kubectl('get', 'deployment,pods', ...inMongo, '-o', 'yaml')
    assert.ok(!`${logs}${objects}`.includes(token), 'the token is shown')
    assert.match(logs, /"needsToken":"writes"/)
  })

  test('with a token for all, reading needs it too', async () => {
    await needsToken('all')
    const url = await urlOf()
    await comesTo(401, url, 'GET')
    assert.equal(await statusOf(url, 'GET', token), 404)
  })

  test('without its Secret a new pod does not start, and deploy.sh says why and what makes it', async () => {
    await kubectl('delete', 'secret', 'api-token', ...inMongo)
    await kubectl('rollout', 'restart', 'deployment/app-deployment', ...inMongo)
    const up = await deploy(upWords)
    assert.equal(up.code, exitCodes.container.code, up.err)
    assert.match(up.err, /secret "api-token" not found/)
    // That pod has no log yet. Those of before have.
    const logs = await deploy(['logs'])
    assert.equal(logs.code, 0, logs.err)
    assert.match(logs.out, /\[pod\/app-deployment-/)
    await typeRemedy(up, [/kubectl \S+ \S+ -n mongo create secret generic api-token .*\)"/])
    await comesTo(401, await urlOf(), 'GET')
  })

  test('--api-token none opens it again', async () => {
    await needsToken('none')
    await comesTo(404, await urlOf(), 'GET')
    assert.ok([200, 201].includes(await statusOf(await urlOf(), 'PUT')))
  })
}
