// A folder for one test or test file, removed after it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** Makes the folder now and removes it after the test, or without one after the tests of the calling file. */
export function temporaryFolder(test: { after(remove: () => void): void } = { after }): string {
  const folder = mkdtempSync(join(tmpdir(), 'data-service-'))
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
