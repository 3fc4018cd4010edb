// `npm start` as people end it: a kill of npm's process must not leave the service behind.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { skipWithout } from '../support/tool.ts'

const folder = temporaryFolder()
const skip =
  process.platform === 'win32' ? 'Windows has no SIGTERM' : skipWithout('npm', '--version')

describe('npm start', { skip }, () => {
  // npm, its shell and node are one group, so that a test that fails leaves none of them.
  const groups: number[] = []
  after(() => {
    for (const group of groups) {
      try {
        process.kill(-group, 'SIGKILL')
      } catch {
        // All of it has ended.
      }
    }
  })

  // Ctrl+C reaches the whole group anyway.
  for (const [what, signal, whole] of [
    ['a kill of npm', 'SIGTERM', false],
    ['Ctrl+C', 'SIGINT', true],
  ] as const) {
    it(`ends with ${what}`, async () => {
      const { PATH, HOME } = process.env
      const env = { PATH, HOME, PORT: '0', DATA_FILE: join(folder, `${signal}.db`) }
      const npm = spawn('npm', ['start'], {
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const { pid } = npm
      assert.ok(pid !== undefined)
      groups.push(pid)
      const lines: string[] = []
      const output = createInterface({ input: npm.stdout })
      const ended = once(output, 'close') // when the last that could write to it has ended
      for await (const line of output) {
        lines.push(line)
        if (line.includes('listening on')) process.kill(whole ? -pid : pid, signal)
      }
      await ended
      assert.match(lines.at(-1) ?? '', /"cut":0,"msg":"stopped"/, lines.join('\n'))
    })
  }
})
