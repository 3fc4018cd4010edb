// Runs manifests.ts as its user does.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const root = join(import.meta.dirname, '../../..')

export const run = (options: readonly string[], input = '') =>
  spawnSync(process.execPath, [join(root, 'manifests.ts'), ...options], {
    cwd: root,
    encoding: 'utf8',
    input,
  })

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
