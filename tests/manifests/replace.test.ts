// A file is replaced as a whole, even if Windows has the old one in use for a moment.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeAtomically } from '../../manifests/write-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'replace-'))
const path = join(folder, 'app.yaml')
after(() => rmSync(folder, { recursive: true, force: true }))

/** A rename that the system refuses N times. Stands in for Windows, a virus scanner and OneDrive. */
function refused(times: number, code: string) {
  let tries = 0
  const rename: typeof renameSync = (from, to) => {
    tries++
    if (tries <= times) throw Object.assign(new Error(`${code}: rename`), { code })
    renameSync(from, to)
  }
  return { rename, tries: () => tries }
}

for (const code of ['EPERM', 'EBUSY', 'EACCES']) {
  test(`a rename that ends with ${code} twice is tried a third time`, () => {
    const { rename, tries } = refused(2, code)
    writeAtomically(path, code, 0o644, rename)
    assert.equal(tries(), 3)
    assert.equal(readFileSync(path, 'utf8'), code)
  })
}

test('a rename that is refused for good ends with its error, and leaves the old file alone', () => {
  writeAtomically(path, 'old')
  const { rename, tries } = refused(Number.POSITIVE_INFINITY, 'EPERM')
  assert.throws(() => writeAtomically(path, 'new', 0o644, rename), /EPERM/)
  assert.equal(tries(), 10)
  assert.equal(readFileSync(path, 'utf8'), 'old')
  assert.deepEqual(readdirSync(folder), ['app.yaml'])
})

test('another error is not tried again', () => {
  const { rename, tries } = refused(1, 'EXDEV')
  assert.throws(() => writeAtomically(path, 'new', 0o644, rename), /EXDEV/)
  assert.equal(tries(), 1)
})
