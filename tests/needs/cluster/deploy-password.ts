// Settings and passwords that change under pods which have read the old ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl } from './cluster.ts'
import { type Fault, holdFaults, isWhole } from './deploy-faults.ts'
import { deploy } from './deploy-project.ts'
import { upWords } from './deploy-up.ts'

const patch = async (what: string, data: Record<string, string>) => {
  const change = ['--type=merge', '-p', JSON.stringify({ data })]
  await kubectl('patch', ...what.split(' '), '-n', 'mongo', ...change)
  await kubectl('rollout', 'restart', 'deployment/app-deployment', '-n', 'mongo')
}

const faults: readonly Fault[] = [
  {
    name: 'the password in the Secret was changed',
    breaks: () => patch('secret mongo-secret', { password: btoa('another') }),
    words: ['status'],
    outcome: 'notWell',
    says: /^NOT WELL: pod \S+ runs, and the database refuses its password\n/,
    stays: true,
  },
  {
    name: 'up with the right password in build/ and another in the Secret',
    outcome: 'manifests',
    says: /mongo-secret\.yaml holds another password than the Secret .*nothing is changed/,
    typed: [/kubectl \S+ \S+ -n mongo apply -f build\/mongo-secret\.yaml/],
  },
]

export function toldOfPassword(): void {
  holdFaults(faults)

  test('pods that have read a wrong address of the database are replaced by up', async () => {
    await patch('configmap mongo-config', { DB_URL: 'nowhere:27017' })
    const { code, err } = await deploy(upWords)
    assert.equal(code, 0, err)
    assert.match(err, /began before its settings or secrets changed: restarted/)
    await isWhole()
  })
}
