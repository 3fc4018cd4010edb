// Which images of earlier versions go, and which stay, on recorded tools.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeWorld, type World } from '../support/deploy/world.ts'

const tag = (digit: string) => `data-service:${digit.repeat(12)}`
const [running, earlier, old, older] = ['1', '2', '3', '4'].map(tag)
const inPod = (image: string | undefined) => ({ kind: 'Pod', spec: { containers: [{ image }] } })
const inHistory = (image: string | undefined) => ({
  kind: 'ReplicaSet',
  spec: { template: { spec: { containers: [{ image }] } } },
})

function worldWithImages(): World {
  const world = makeWorld('exists', 'running')
  const history = { items: [inPod(running), inHistory(earlier)] }
  world.set('history', JSON.stringify(history))
  const all = [running, earlier, old, older, 'data-service:e2e', 'mongo:8.0.17']
  const listed = all.map((name) => ({ repoTags: [`docker.io/library/${name}`], size: '250000000' }))
  world.set('node-images', JSON.stringify(listed))
  world.set('images', `${[running, old, 'data-service:e2e'].join('\n')}\n`)
  return world
}

const remove = (world: World, env: string) =>
  world.paste('deploy.sh', `${env} node deploy/image/images.ts remove-old ${running}`)

describe('images of earlier versions', () => {
  it('go if no pod runs them and no revision of the history has them', async () => {
    const world = worldWithImages()
    const cache = join(world.folder, 'home/cache/images/amd64')
    mkdirSync(cache, { recursive: true })
    const files = ['data-service_222222222222', 'data-service_333333333333', 'mongo_8.0.17']
    for (const file of files) writeFileSync(join(cache, file), 'x'.repeat(2_000_000))
    const run = await remove(world, 'MINIKUBE_HOME=home')
    const left = files.filter((file) => existsSync(join(cache, file)))
    world.close()
    assert.equal(run.code, 0, run.err)
    assert.deepEqual(
      run.calls.filter((call) => / rm /.test(call)),
      [
        `minikube image rm -p minikube docker.io/library/${old}`,
        `minikube image rm -p minikube docker.io/library/${older}`,
        `docker image rm ${old}`,
      ],
    )
    assert.deepEqual(left, ['data-service_222222222222', 'mongo_8.0.17'])
    assert.match(
      run.err,
      /removed 2 images of earlier versions: 500 MB in the node, 2 MB in minikube's/,
    )
  })

  it('stay if the cluster does not say what it uses', async () => {
    const world = worldWithImages()
    world.set('fault-ask', 'Unauthorized\n')
    const run = await remove(world, 'MINIKUBE_HOME=home')
    world.close()
    assert.equal(run.code, 0, run.err)
    assert.deepEqual(
      run.calls.filter((call) => / rm /.test(call)),
      [],
    )
  })
})
