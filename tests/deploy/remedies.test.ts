// A remedy is pasted as it stands: each command in it says which cluster it is for, and none loses
// documents without saying so.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { cannotAsk } from '../../deploy/cluster/reach.ts'
import { anotherClusterRemedy, commandsFor } from '../../deploy/cluster/report.ts'
import { namesCluster } from '../support/deploy/recorded-cluster.ts'

const folder = new URL('../../deploy/', import.meta.url)
// Without comment lines.
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const lines = readFileSync(new URL(name, folder), 'utf8').split('\n')
    return { name, lines: lines.filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line)) }
  })

const linesWith = (pattern: RegExp, ...except: string[]) =>
  sources
    .filter(({ name }) => !except.includes(name))
    .flatMap(({ name, lines }) =>
      lines.filter((line) => pattern.test(line)).map((line) => `${name}: ${line.trim()}`),
    )

describe('no source in deploy/', () => {
  test('writes out a command of kubectl without a context', () => {
    const words =
      'get|describe|delete|logs|scale|rollout|apply|uncordon|taint|edit|create|wait|exec'
    const found = linesWith(new RegExp(`\\bkubectl (?:-n \\S+ )?(?:${words}|patch|top|auth)\\b`))
    assert.deepEqual(
      found.filter((line) => !line.includes('--context')),
      [],
    )
  })

  test('writes out a command of minikube: deploy/cluster/report.ts adds the profile', () => {
    const words = 'delete|stop|start|ssh|logs|image|service|addons|update-context|ip|status|unpause'
    assert.deepEqual(linesWith(new RegExp(`\\bminikube (?:${words})\\b`)), [])
  })

  test('writes out the name of a script: deploy/cluster/report.ts adds the profile', () => {
    const found = linesWith(/\.\/deploy\.(?:sh|ps1)\b/, 'cluster/report.ts')
    assert.deepEqual(found, [])
  })

  test('proposes to delete a cluster, or to prune what a stopped one is made of', () => {
    assert.deepEqual(linesWith(/minikube\(.delete|minikube delete|(?:system|volume) prune/), [])
  })

  test('proposes to delete documents without the way to save them', () => {
    const found = linesWith(/down --data/)
    assert.ok(found.length > 0)
    for (const line of found) assert.match(line, /which deletes the documents/)
    assert.equal(linesWith(/down --data/).length, linesWith(/first save the documents/).length)
  })
})

test('commands name their profile, and a namespace unless they name one', () => {
  const { kubectl, minikube, deploy } = commandsFor('data')
  assert.equal(kubectl('get pods'), 'kubectl --context data -n mongo get pods')
  assert.equal(kubectl('logs -n kube-system x'), 'kubectl --context data logs -n kube-system x')
  assert.equal(minikube('logs'), 'minikube -p data logs')
  assert.match(deploy('up'), /^\.\/deploy\.(?:sh|ps1) up --profile data$/)
  assert.match(commandsFor('minikube').deploy('up'), /^\.\/deploy\.(?:sh|ps1) up$/)
  assert.match(anotherClusterRemedy('data', ' --cpus 4'), / up --cpus 4 --profile data-2$/)
})

describe('a question that failed', () => {
  for (const [words, remedy] of [
    [
      'error: You must be logged in to the server (Unauthorized)',
      /update-context \(writes .*current/,
    ],
    ['error: context "data" does not exist', /update-context/],
    ['Unable to connect to the server: Forbidden', /NO_PROXY/],
    ['Unable to connect to the server: proxyconnect tcp: dial tcp', /NO_PROXY/],
    ['Error from server (Forbidden): pods is forbidden: User "x" cannot list', /auth can-i --list/],
    ['The connection to the server 127.0.0.1:1 was refused', /minikube -p data status/],
  ] as const) {
    test(`says so in kubectl’s words: ${words}`, () => {
      const diagnosis = cannotAsk('data', words)
      assert.equal(diagnosis.words, words)
      assert.match(diagnosis.remedy, remedy)
      namesCluster(diagnosis.remedy, 'data')
    })
  }
})
