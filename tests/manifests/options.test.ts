// The command line as its user meets it: the exit code, what is named, what the files then say.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { run } from '../support/manifests/command.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const wrong: [string[], RegExp][] = [
  [['--target', 'aws'], /--target aws: expects minikube or cloud/],
  [['--image', 'app'], /--image app: expects NAME:TAG/],
  [['--image', 'app:latest'], /--image app:latest: expects .* other than latest/],
  [['--image', 'a b:1'], /--image a b:1: expects NAME:TAG/],
  [['--image='], /--image : expects NAME:TAG/],
  [['--replicas', '1'], /--replicas 1: expects a whole number from 2 to 5/],
  [['--replicas', '6'], /--replicas 6/],
  [['--replicas', '2.5'], /--replicas 2\.5/],
  [['--replicas', '-3'], /--replicas -3/],
  [['--replicas', '0x2'], /--replicas 0x2/],
  [['--cpu', '0'], /--cpu 0: expects a whole number from 1 to 100/],
  [['--cpu', '70%'], /--cpu 70%/],
  [['--node-port', '80'], /--node-port 80: expects a whole number from 30000 to 32767/],
  [['--node-port', '30300', '--target', 'cloud'], /--node-port: the cloud target/],
  [['--volume-node', 'a b'], /--volume-node a b: expects the name of a node/],
  [['--volume-node', 'x', '--target', 'cloud'], /--volume-node: the cloud target/],
  [['--storage', '1GB'], /--storage 1GB: expects a size/],
  [['--storage', '0Gi'], /--storage 0Gi/],
  [['--scale-down-window', '5m'], /--scale-down-window 5m: expects a whole number from 0 to 3600/],
  [['--out', ''], /--out : expects a folder/],
  [['--out', 'package.json'], /--out package\.json: is not a folder/],
  [['--adopt-secret', 'no-such-file'], /--adopt-secret no-such-file: there is no such file/],
  [['--adopt-secret', 'package.json'], /--adopt-secret package\.json: expects the Secret/],
  [['--secret', 'vault'], /--secret vault: expects generated or external/],
  [['--secret=external', '--adopt-secret=package.json'], /--adopt-secret: with --secret external/],
  [['--backup', 'daily'], /--backup daily: expects nightly or none/],
  [['--backup-schedule', 'daily'], /--backup-schedule daily: expects five fields of cron/],
  [['--backup-schedule', '1 2 3 4'], /--backup-schedule 1 2 3 4: expects five fields/],
  [['--backup-storage', '1GB'], /--backup-storage 1GB: expects a size/],
  [['--backup=none', '--backup-schedule=@daily'], /--backup-schedule: with --backup none there/],
  [['--monitoring=on'], /--monitoring: takes no value/],
  [['--runbook-url', 'wiki'], /--runbook-url wiki: expects http/],
  [['--host', 'api.example.com'], /--host: minikube is reached by its node port/],
  [['--host', 'API.example.com', '--target=cloud'], /--host API\.example\.com: expects a name/],
  [['--host', 'localhost', '--target=cloud'], /--host localhost: expects a name in DNS/],
  [['--host', `${'a'.repeat(64)}.example`, '--target=cloud'], /--host a{64}\.example: expects/],
  [['--tls-issuer', 'x', '--target=cloud'], /--tls-issuer: there is no --host/],
  [['--tls-issuer', 'Secret/x'], /--tls-issuer Secret\/x: expects the name of a ClusterIssuer/],
  [['--ingress', 'nginx', '--target=cloud'], /--ingress: there is no --host/],
  [
    ['--host=a.b', '--ingress=nginx', '--gateway-class=eg', '--target=cloud'],
    /--gateway-class: with --ingress there is no Gateway/,
  ],
  [['--source-ranges', '10.0.0.0/8'], /--source-ranges: minikube has no load balancer/],
  [['--source-ranges', 'all', '--target=cloud'], /--source-ranges all: expects addresses such/],
  [
    ['--source-ranges=10.0.0.0/8', '--host=a.b', '--target=cloud'],
    /--source-ranges: with --host the load balancer is the one of the Gateway/,
  ],
  [['--target=cloud', '--profile=cloud'], /--profile: the old name of --target, which is said too/],
  [['--target=cloud'], /--api-token: without a token .* say writes, all, or none/],
  [['--profile=cloud'], /--api-token: without a token .* say writes, all, or none/],
  [['--cpu'], /--cpu: needs a value/],
  [['--out', '--cpu', '70'], /--out: needs a value/],
  [['--replica', '3'], /--replica: unknown/],
  [['--constructor', '3'], /--constructor: unknown/],
  [['build'], /build: unknown/],
]

for (const [options, fault] of wrong) {
  test(`${options.join(' ')} is refused with exit code 2 and named`, (t) => {
    const { status, stdout, stderr } = run(['--out', temporaryFolder(t), ...options])
    assert.match(stderr, fault)
    assert.equal(status, 2)
    assert.equal(stdout, '')
  })
}

test('all wrong options are named at once', () => {
  const { status, stderr } = run(['--cpu', '0', '--replicas', '9', '--storage', 'big', '--what'])
  assert.equal(status, 2)
  assert.deepEqual(
    stderr.match(/--[a-z-]+(?= |:)/g)?.filter((name) => name !== '--help'),
    ['--cpu', '--replicas', '--storage', '--what'],
  )
})

test('--help lists every option with its default and writes nothing', (t) => {
  const { status, stdout } = run(['--help', '--out', temporaryFolder(t)])
  assert.equal(status, 0)
  for (const option of 'target image replicas cpu node-port storage scale-down-window out'.split(
    ' ',
  )) {
    assert.match(stdout, new RegExp(`--${option} .*\\(\\S+\\)`))
  }
})

test('the options arrive in the objects', (t) => {
  const out = temporaryFolder(t)
  const options =
    '--image=host.example:5000/team/app:1.2 --replicas 3 --cpu 55 --node-port=31234 --storage 3Gi'
  const { status } = run([...options.split(' '), '--scale-down-window', '15', '--out', out])
  assert.equal(status, 0)
  const text = (file: string) => readFileSync(`${out}/${file}`, 'utf8')
  assert.match(text('app.yaml'), /image: host\.example:5000\/team\/app:1\.2\n/)
  assert.match(text('app.yaml'), /nodePort: 31234\n/)
  assert.match(text('app-autoscale.yaml'), /minReplicas: 3\n\s+maxReplicas: 5\n/)
  assert.match(text('app-autoscale.yaml'), /averageUtilization: 55\n/)
  assert.match(text('app-autoscale.yaml'), /stabilizationWindowSeconds: 15\n/)
  assert.match(text('mongo-volume.yaml'), /storage: 3Gi\n/)
  assert.match(text('mongo-stateful.yaml'), /storage: 3Gi\n/)
})

test('an image may be named by its digest alone', (t) => {
  const { status } = run([
    '--target=cloud',
    '--api-token=none',
    `--image=app@sha256:${'a'.repeat(64)}`,
    `--out=${temporaryFolder(t)}`,
  ])
  assert.equal(status, 0)
})
