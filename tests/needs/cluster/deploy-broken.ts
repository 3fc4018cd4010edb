// Starts that break, each on the real cluster: the right exit code, the right words.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { kubectl, serviceUrl } from './cluster.ts'
import { comeUp, edited, type Fault, holdFaults } from './deploy-faults.ts'
import { changeSource, deploy, inProject, without, withShim } from './deploy-project.ts'

const dockerfile = () => inProject('Dockerfile')
let good = ''

const starts: readonly Fault[] = [
  {
    name: 'a tool is missing',
    outcome: 'toolMissing',
    says: /minikube is missing[\s\S]*remedy/,
    env: () => without('minikube'),
  },
  {
    name: 'the docker daemon is down',
    outcome: 'dockerDown',
    says: /docker daemon does not answer/,
    env: () => ({ DOCKER_HOST: 'unix:///nonexistent/docker.sock' }),
  },
  {
    name: 'the image build fails',
    outcome: 'build',
    says: /docker build failed/,
    breaks: () => {
      good = readFileSync(dockerfile(), 'utf8')
      writeFileSync(dockerfile(), good.replace(/^COPY src src$/m, 'COPY src src\nRUN exit 3'))
    },
    mends: () => writeFileSync(dockerfile(), good),
  },
  {
    name: 'the image is not loaded',
    outcome: 'notLoaded',
    says: /the cluster does not have data-service:/,
    breaks: changeSource,
    env: () => withShim('minikube', 'case "$*" in "image load"*) exit 0 ;; esac'),
  },
  {
    name: 'the container ends again and again',
    outcome: 'crashLoop',
    says: /exit code 2: the service found wrong settings[\s\S]*PORT/,
    env: () => edited('s/value: .5000.$/value: "no-port"/'),
  },
  {
    name: 'the node port belongs to another Service',
    outcome: 'portTaken',
    says: /node port 30300 belongs to the Service default\/rival[\s\S]*--node-port 30301/,
    breaks: async () => {
      await deploy(['down', '--yes'])
      await kubectl('create', 'service', 'nodeport', 'rival', '--tcp=80', '--node-port=30300')
    },
    mends: () => kubectl('delete', 'service', 'rival'),
    stays: true,
  },
  {
    name: 'a volume has documents, and nobody their password',
    outcome: 'wrongPassword',
    says: /has documents, and neither the cluster nor build\/[\s\S]*down --data/,
    breaks: async () => {
      await deploy(['down', '--yes'])
      await kubectl('delete', 'secret', 'mongo-secret', '-n', 'mongo')
      rmSync(inProject('build'), { recursive: true })
    },
    stays: true,
  },
]

export function breaksWell(): void {
  holdFaults(starts)

  test('down with the data and up again mends the password', async () => {
    const down = await deploy(['down', '--data', '--yes'])
    assert.equal(down.code, 0, down.err)
    await comeUp()
    const answer = await fetch(`${await serviceUrl('mongo', 'app-service')}/data`)
    assert.deepEqual(await answer.json(), [])
  })
}
