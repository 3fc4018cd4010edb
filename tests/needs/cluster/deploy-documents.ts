// The commands of the documents that need a cluster, typed as they stand there.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { findPwsh } from '../../support/deploy/world.ts'
import { bashFault, commandsOf } from '../../support/docs/both-shells.ts'
import { blocksOf, documents } from '../../support/docs/markdown.ts'
import { runBlocks } from '../../support/docs/session.ts'
import { kubectl, profile } from './cluster.ts'
import { inProject, project } from './deploy-project.ts'
import { upWords, urlOf } from './deploy-up.ts'

// The documents speak of the profile `minikube`; the tests have one of their own.
const prelude = `
minikube() { command minikube -p ${profile} "$@"; }
kubectl() { command kubectl --context ${profile} "$@"; }
`
const toHere = (text: string) =>
  text
    .replaceAll('./deploy.sh up', `./deploy.sh ${upWords.join(' ')}`)
    .replace(/\.\/deploy\.sh [a-z].*?(?=[)\n]|$)/g, (call) => `${call} --profile ${profile}`)

const pwsh = findPwsh()
const noPwsh = pwsh === undefined ? 'there is no pwsh on PATH' : false
const powershellUp = `./deploy.ps1 ${upWords.join(' ')} --profile ${profile}`

/** Runs every block that is marked `runs: cluster`, a document at a time. */
export function documentsHold(): void {
  for (const file of documents()) {
    const all = blocksOf(file).filter(({ mark }) => mark === 'runs: cluster')
    const blocks = all.filter(({ language }) => language !== 'powershell')
    if (blocks.length === 0) continue
    test(`${file}: its commands print on a cluster what it shows`, async () => {
      const figure = ['--for=condition=ScalingActive', 'hpa/app-autoscale', '--timeout=180s']
      await kubectl('wait', '-n', 'mongo', ...figure)
      mkdirSync(inProject('build'), { recursive: true })
      // A backup of nothing says something else.
      const shown = `${await urlOf()}/data/shown`
      const headers = { 'content-type': 'application/json' }
      await fetch(shown, { method: 'PUT', headers, body: '{}' })
      const faults = await runBlocks(blocks, {
        cwd: project,
        env: process.env,
        prelude,
        toHere,
        timeout: 240_000,
      })
      await fetch(shown, { method: 'DELETE' })
      assert.deepEqual(faults, [])
    })

    test(`${file}: the same in PowerShell`, { skip: noPwsh }, async () => {
      const lines = all
        .filter((block) => block.language === 'powershell' || !bashFault(commandsOf(block)))
        .map((block) => commandsOf(block).replaceAll('./deploy.ps1 up', powershellUp))
      const program = ["$ErrorActionPreference = 'Stop'", ...lines].join('\n')
      // Functions would lose the `--` of a command: the profile is that of the environment here.
      const env = { ...process.env, MINIKUBE_PROFILE: profile }
      await promisify(execFile)('kubectl', ['config', 'use-context', profile])
      await promisify(execFile)(pwsh ?? '', ['-NoProfile', '-Command', program], {
        cwd: project,
        env,
        timeout: 240_000,
      })
    })
  }
}
