// Ctrl+C at any moment: nothing goes on in the background, and the next up works.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { changeSource, deploy } from './deploy-project.ts'
import { upWords } from './deploy-up.ts'

const moments: readonly { at: RegExp; after: number; long?: boolean }[] = [
  { at: /\+ docker build/, after: 1000 },
  { at: /\+ minikube image load/, after: 300 },
  { at: /\+ node .*manifests\.ts/, after: 200, long: true },
  { at: /\+ kubectl apply .*mongo-config/, after: 0, long: true },
  { at: /\+ node .*wait-rollout\.ts deployment/, after: 1500 },
]
// Each moment costs a build: all five only on request.
const tried = moments.filter(({ long }) => !long || process.env.E2E_LONG === '1')

/** The programs that still belong to a process group. */
function leftOf(group: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const [state, , inGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return Number(inGroup) === group && state !== 'Z' ? [command] : []
      } catch {
        return [] // ended while we looked
      }
    })
}

export function canBeInterrupted(): void {
  test('Ctrl+C while it builds, loads or waits ends everything with 130, and the next up works', async (t) => {
    for (const interrupt of tried) {
      changeSource()
      const { code, err, group } = await deploy(upWords, { interrupt })
      await sleep(1000)
      assert.equal(code, 130, `${interrupt.at}\n${err}`)
      if (process.platform === 'linux') assert.deepEqual(leftOf(group), [], `${interrupt.at}`)
      assert.doesNotMatch(err, /FAILED/)
    }
    const { code, err, seconds } = await deploy(upWords)
    t.diagnostic(`the up after them: ${seconds.toFixed(1)} s`)
    assert.equal(code, 0, err)
  })
}
