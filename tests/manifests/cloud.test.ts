// --target cloud as its user meets it: the token has to be chosen, and what comes next fits a screen.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { valueAt } from '../../deploy/cluster/kubectl.ts'
import { nextSteps } from '../../manifests/next-steps.ts'
import { defaults } from '../../manifests/options.ts'
import { run } from '../support/manifests/command.ts'
import { combinations, objectsOf } from '../support/manifests/objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const linesOf = (text: string) => text.trimEnd().split('\n')

test('a token or none is said once, and the folder keeps it', (t) => {
  const out = temporaryFolder(t)
  const write = (...options: string[]) => run(['--target', 'cloud', '--out', out, ...options])
  assert.equal(write().status, 2)
  assert.equal(write('--api-token', 'none').status, 0)
  assert.equal(write('--cpu', '50').status, 0)
  assert.equal(write('--api-token', 'writes').status, 0)
  assert.equal(write().status, 0)
})

test('that minikube needs none says nothing about the cloud', (t) => {
  const out = temporaryFolder(t)
  assert.equal(run(['--out', out, '--api-token', 'none']).status, 0)
  const { status, stderr } = run(['--out', out, '--target', 'cloud'])
  assert.equal(status, 2)
  assert.match(stderr, /--api-token: without a token/)
})

test('--profile still chooses the target, and says that it is the old name', (t) => {
  const [old, now] = [temporaryFolder(t), temporaryFolder(t)]
  const options = ['--api-token', 'writes', '--out']
  const { status, stderr } = run(['--profile', 'cloud', ...options, old])
  assert.equal(status, 0)
  assert.match(stderr, /^manifests: --profile is the old name of --target/)
  const { stderr: nothing } = run(['--target', 'cloud', ...options, now])
  assert.equal(nothing, '')
  const read = (out: string) => readFileSync(join(out, 'app.yaml'), 'utf8')
  assert.equal(read(old), read(now))
})

test('the load balancer lets in private addresses, or those that are said', () => {
  const ranges = (settings = {}) => {
    const service = objectsOf('cloud', settings).find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'app-service',
    )
    return valueAt(service, 'spec', 'loadBalancerSourceRanges')
  }
  assert.deepEqual(ranges(), ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
  assert.deepEqual(ranges({ sourceRanges: ['0.0.0.0/0'] }), ['0.0.0.0/0'])
  assert.equal(ranges({ host: 'api.example.com' }), undefined)
})

test('with only the choice of a token, at most ten lines say what to do and what is open', (t) => {
  const out = temporaryFolder(t)
  const { stdout } = run(['--target', 'cloud', '--api-token', 'writes', '--out', out])
  assert.ok(linesOf(stdout).length <= 10, stdout)
  assert.match(stdout, /MongoDB's operator.*\n.*OPEN, image.*\n[\s\S]*OPEN, host/)
  assert.match(stdout, /create secret generic api-token -n data-service/)
  assert.doesNotMatch(stdout, /OPEN, token|mongo-secret/)
})

test('what is open is said, and nothing else is, in ten lines for every combination of options', () => {
  for (const { target, settings } of combinations()) {
    if (target !== 'cloud') continue
    const all = { ...defaults, ...settings, target }
    const lines = nextSteps(all)
    assert.ok(lines.length <= 10, lines.join('\n'))
    const open = lines.flatMap((line) => /OPEN, (\w+)/.exec(line)?.[1] ?? [])
    assert.deepEqual(open, [
      'image',
      ...(settings.apiToken === 'none' ? ['token'] : []),
      ...(settings.host === undefined ? ['host'] : settings.tlsIssuer ? [] : ['issuer']),
    ])
    const says = (words: string) => lines.some((line) => line.includes(words))
    const external = settings.database === 'external'
    assert.equal(says('generic mongodb-uri'), external)
    assert.equal(says("MongoDB's operator"), !external)
    assert.equal(says('generic mongo-secret'), !external && settings.secret === 'external')
    // Namespaces come before what is put into them, and that before what reads it.
    const order = ['dev-space.yaml', 'create secret', 'apply -k'].map((words) =>
      lines.findIndex((line) => line.includes(words)),
    )
    const found = order.filter((index) => index >= 0)
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    )
  }
})

test('the chapters of docs/cloud.md that have a step come in the order of the steps', () => {
  const headings = [...readFileSync('docs/cloud.md', 'utf8').matchAll(/^## (.+)$/gm)].map(
    ([, heading = '']) => heading,
  )
  const chapters = [
    'The operator',
    'Storage',
    'The image',
    'The token',
    'Apply',
    'A name, with TLS',
  ]
  const places = chapters.map((name) => headings.findIndex((heading) => heading.startsWith(name)))
  assert.ok(!places.includes(-1), headings.join(', '))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
})

test('docs/cloud.md names every object that its reader makes', () => {
  const document = readFileSync('docs/cloud.md', 'utf8')
  for (const name of [
    'mongodb-tls',
    'mongodb-ca',
    'api-token',
    'mongo-secret',
    'mongodb-uri',
    'app-tls',
  ]) {
    assert.ok(document.includes(`\`${name}\``), name)
  }
})
