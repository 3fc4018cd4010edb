// The commands of the documents that need a cluster, typed as they stand there.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { blocksOf, documents } from '../docs/markdown.ts'
import { runBlocks } from '../docs/session.ts'
import { kubectl, profile } from './cluster.ts'
import { inProject, project } from './deploy-project.ts'
import { upWords } from './deploy-up.ts'

// The documents speak of the profile `minikube`; the tests have one of their own.
const prelude = `
minikube() { command minikube -p ${profile} "$@"; }
kubectl() { command kubectl --context ${profile} "$@"; }
`
const toHere = (text: string) =>
  text
    .replaceAll('./deploy.sh up', `./deploy.sh ${upWords.join(' ')}`)
    .replace(/\.\/deploy\.sh [a-z].*?(?=[)\n]|$)/g, (call) => `${call} --profile ${profile}`)

/** Runs every block that is marked `runs: cluster`, a document at a time. */
export function documentsHold(): void {
  for (const file of documents()) {
    const blocks = blocksOf(file).filter(({ mark }) => mark === 'runs: cluster')
    if (blocks.length === 0) continue
    test(`${file}: its commands print on a cluster what it shows`, async () => {
      const figure = ['--for=condition=ScalingActive', 'hpa/app-autoscale', '--timeout=180s']
      await kubectl('wait', '-n', 'mongo', ...figure)
      mkdirSync(inProject('build'), { recursive: true })
      const faults = await runBlocks(blocks, {
        cwd: project,
        env: process.env,
        prelude,
        toHere,
        timeout: 240_000,
      })
      assert.deepEqual(faults, [])
    })
  }
}
