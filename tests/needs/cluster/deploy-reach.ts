// A healthy cluster that cannot be reached from here, or in which no name resolves: it is left as it is.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { exitCodes } from '../../../deploy/cluster/report.ts'
import { kubectl, profile, run, tryKubectl } from './cluster.ts'
import { type Fault, holdFaults, isWhole, keepDocument } from './deploy-faults.ts'
import { deploy, inProject, paste } from './deploy-project.ts'
import { upWords } from './deploy-up.ts'

const file = () => inProject('../kubeconfig')
const inFile = (...words: string[]) => run('kubectl', ['--kubeconfig', file(), 'config', ...words])

/** A file of its own for kubectl: that of this machine, with one thing in it changed. */
async function otherFile(change: () => Promise<unknown>): Promise<void> {
  const view = ['config', 'view', '--minify', '--raw', '--flatten']
  writeFileSync(file(), await kubectl(...view), { mode: 0o600 })
  await change()
}
const env = () => ({ KUBECONFIG: file() })
const dns = ['deployment', 'coredns', '-n', 'kube-system']

const faults: readonly Fault[] = [
  {
    name: 'KUBECONFIG names a file that is not there',
    env: () => ({ KUBECONFIG: inProject('../no-kubeconfig') }),
    outcome: 'foreign',
    says: /nothing was changed/,
    typed: [/minikube -p \S+ update-context/],
  },
  {
    name: 'KUBECONFIG names the file of another cluster',
    breaks: () =>
      otherFile(async () => {
        await inFile('rename-context', profile, 'production')
        await inFile('set-cluster', profile, '--server=https://127.0.0.1:1')
      }),
    env,
    outcome: 'foreign',
    says: /nothing was changed/,
    typed: [/minikube -p \S+ update-context/],
  },
  {
    name: 'kubectl has an account that the cluster does not know',
    slow: true,
    breaks: () =>
      otherFile(async () => {
        await inFile('unset', `users.${profile}`)
        await inFile('set-credentials', profile, '--token=not-of-this-cluster')
      }),
    env,
    outcome: 'foreign',
    says: /kubectl cannot use it; nothing was changed/,
    typed: [/minikube -p \S+ start/],
  },
  {
    name: 'the DNS of the cluster was scaled to 0',
    breaks: () => kubectl('scale', ...dns, '--replicas=0'),
    outcome: 'notStarted',
    says: /CoreDNS has 0 replicas/,
    typed: [/kubectl \S+ \S+ scale deployment coredns -n kube-system --replicas=1/],
  },
  {
    name: 'a taint has driven every pod from the node',
    slow: true,
    breaks: () => kubectl('taint', 'nodes', '--all', 'gone=:NoExecute'),
    outcome: 'notStarted',
    says: /its DNS does not: node \S+ has the taint gone:NoExecute; nothing was changed/,
    typed: [/kubectl \S+ \S+ -n mongo taint nodes \S+ gone:NoExecute-/],
    mends: () => tryKubectl('taint', 'nodes', '--all', 'gone-'),
  },
]

/** The address of the API server as seen from here, in a form that does not bypass a proxy. */
async function throughProxy(): Promise<void> {
  const path = 'jsonpath={.clusters[0].cluster.server}'
  const server = new URL(await inFile('view', '-o', path))
  if (server.hostname !== '127.0.0.1' && server.hostname !== 'localhost') return
  // Go asks no proxy for this machine's own names, and 0.0.0.0 is none of them.
  const name = `--tls-server-name=${server.hostname}`
  await inFile('set-cluster', profile, `--server=https://0.0.0.0:${server.port}`, name)
}

export function toldOfReach(): void {
  // Nothing was changed, so that after the remedy all is well without another `up`.
  holdFaults(faults, async () => {})

  test('a proxy that is dead: its name, the line that keeps it away, and nothing is stopped', async (t) => {
    await keepDocument()
    await otherFile(throughProxy)
    const proxy = 'http://127.0.0.1:9'
    const dead = Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, proxy]),
    )
    const behind = { ...env(), ...dead, NO_PROXY: '', no_proxy: '' }
    for (const words of [upWords, ['status']]) {
      const { code, err } = await deploy(words, { env: behind })
      t.diagnostic(err)
      assert.equal(code, exitCodes.notStarted.code, err)
      // `status` is one program, which asks and changes nothing.
      assert.doesNotMatch(err, /^\+ (?!node deploy\/commands\/status\.ts )/m)
      assert.match(err, /HTTPS_PROXY/)
      const [line] = /export NO_PROXY=\S+/.exec(err) ?? assert.fail(err)
      const healed = `${line}\n./deploy.sh ${words.join(' ')} --profile ${profile}`
      const after = await paste(healed, { env: behind })
      assert.equal(after.code, 0, after.out + after.err)
    }
    await isWhole()
  })
}
