// What people change in a running application with kubectl, one thing at a time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodes } from '../../../deploy/cluster/report.ts'
import { kubectl, short, tryKubectl } from './cluster.ts'
import {
  comeUp,
  edited,
  type Fault,
  holdFaults,
  isWhole,
  keepDocument,
  typeRemedy,
} from './deploy-faults.ts'
import { deploy } from './deploy-project.ts'
import { upWords, urlOf } from './deploy-up.ts'

const inMongo = ['-n', 'mongo']
const status = ['status']
const up = /\.\/deploy\.sh up --profile [\w-]+/
const app = 'deployment/app-deployment'

const patch = (what: string, change: object) =>
  kubectl('patch', ...what.split(' '), ...inMongo, '--type=merge', '-p', JSON.stringify(change))

const scaled = (what: string, pods: number) =>
  kubectl('scale', what, `--replicas=${pods}`, ...inMongo)

const taint = (what: string) => tryKubectl('taint', 'nodes', '--all', what)
const untaint = /kubectl \S+ \S+ -n mongo taint nodes \S+ only:NoSchedule-/

const faults: readonly Fault[] = [
  {
    name: 'the selector of the Service has a typo',
    breaks: () => patch('service app-service', { spec: { selector: { tier: 'frontent' } } }),
    words: status,
    outcome: 'notWell',
    says: /^NOT WELL: service\/app-service has no ready pod[\s\S]*"tier":"frontent"/,
    typed: [/kubectl \S+ \S+ -n mongo delete service\/app-service/, up],
  },
  {
    name: 'the autoscaler was deleted',
    breaks: () => kubectl('delete', 'hpa', 'app-autoscale', ...inMongo),
    words: status,
    outcome: 'notWell',
    says: /^NOT WELL: there is no autoscaler app-autoscale[\s\S]*\nautoscaler {3}none\n/,
    typed: [up],
  },
  {
    name: 'the application was scaled to 0',
    breaks: () => scaled(app, 0),
    words: status,
    outcome: 'notWell',
    says: /^NOT WELL: deployment\/app-deployment is scaled to 0\n/,
    typed: [/kubectl \S+ \S+ -n mongo scale deployment\/app-deployment --replicas=2/],
  },
  {
    name: 'the database was scaled to 0',
    breaks: () => scaled('statefulset/mongodb', 0),
    words: status,
    outcome: 'notWell',
    says: /^NOT WELL: statefulset\/mongodb is scaled to 0\n/,
    typed: [/kubectl \S+ \S+ -n mongo scale statefulset\/mongodb --replicas=1/],
  },
  {
    name: 'the claim on the volume was deleted',
    slow: true,
    breaks: () => kubectl('delete', 'pvc', 'data-mongodb-0', ...inMongo, '--wait=false'),
    words: status,
    outcome: 'notWell',
    says: /^NOT WELL: the claim data-mongodb-0 was deleted/,
    typed: [/kubectl \S+ \S+ -n mongo delete statefulset\/mongodb .* --ignore-not-found/, up],
  },
  {
    name: 'the rollout is paused',
    slow: true,
    breaks: () => kubectl('rollout', 'pause', app, ...inMongo),
    env: () => edited('s/value: "5s"/value: "4s"/'),
    outcome: 'notWell',
    says: /the rollout of deployment\/app-deployment is paused/,
    typed: [/kubectl \S+ \S+ -n mongo rollout resume deployment\/app-deployment/],
  },
  {
    name: 'somebody else has made a Deployment of this name',
    slow: true,
    breaks: async () => {
      await kubectl('delete', app, ...inMongo)
      await kubectl('create', 'deployment', 'app-deployment', '--image=none', ...inMongo)
    },
    outcome: 'refused',
    says: /build\/app\.yaml because of spec\.selector\n[\s\S]*field is immutable/,
    typed: [/kubectl \S+ \S+ -n mongo delete deployment\/app-deployment/],
  },
  {
    name: 'the node has a taint',
    slow: true,
    breaks: async () => {
      await taint('only=gpu:NoSchedule')
      await kubectl('rollout', 'restart', app, ...inMongo)
    },
    outcome: 'unschedulable',
    says: /no node takes pod app-deployment-\S+: node \S+ has the taint only=gpu:NoSchedule\n/,
    typed: [untaint],
    mends: () => taint('only-'),
  },
]

export function toldByHand(): void {
  holdFaults(faults)

  test('an application that was scaled to 0 comes back with up', async () => {
    await scaled(app, 0)
    const { code, err } = await deploy(upWords)
    assert.equal(code, 0, err)
    assert.match(err, /was scaled to 0, which switches its autoscaler off: to 2 again/)
    await isWhole()
  })

  test('up waits for as many pods as it was asked for', async () => {
    const { code, err } = await deploy([...upWords, '--replicas', '4'])
    assert.equal(code, 0, err)
    const path = 'jsonpath={.status.readyReplicas}/{.status.replicas}'
    assert.equal(await kubectl('get', app, ...inMongo, '-o', path), '4/4')
    assert.equal((await deploy([...upWords, '--replicas', '2'])).code, 0)
  })

  test('the line of a path that is not there has the path, and not its query', async () => {
    await keepDocument()
    await fetch(`${await urlOf()}/nowhere/at/all?secret=1`)
    const { code, out, err } = await deploy(['logs'])
    assert.equal(code, 0, err)
    assert.match(out, /"route":"none"[^\n]*"path":"\/nowhere\/at\/all"/)
    assert.doesNotMatch(out, /secret=1/)
  })

  if (short) return
  test('a first start that waits for a node: status and logs show what there is', async () => {
    await keepDocument()
    assert.equal((await deploy(['down', '--yes'])).code, 0)
    await taint('only=gpu:NoSchedule')
    try {
      const up = await deploy(upWords)
      assert.equal(up.code, exitCodes.unschedulable.code, up.err)
      assert.match(up.err, /no node takes pod mongodb-0: node \S+ has the taint only=gpu/)
      const seen = await deploy(status)
      assert.equal(seen.code, exitCodes.notWell.code, seen.err)
      assert.match(seen.out, /^NOT WELL: no node takes pod mongodb-0/)
      assert.match(seen.out, /\napplication {2}not there yet\n[\s\S]*\nmongodb-0 .* Pending /)
      const logs = await deploy(['logs'])
      assert.equal(logs.code, 0, logs.err)
      await typeRemedy(up, [untaint])
    } finally {
      await taint('only-')
    }
    await comeUp()
    await isWhole()
  })
}
