// Export and import on the embedded store.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { backupSuite } from '../suites/backup-suite.ts'
import { runService } from '../support/running-service.ts'
import { runToEnd } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let count = 0
const open = async () => openSqliteStore(join(folder, `${++count}.db`))

backupSuite('SQLite', open)

describe('a service that asks for a token', () => {
  it('gets it from the environment of export and import', async (t) => {
    const access = { token: 'a-token-of-sixteen-or-more', scope: 'all' } as const
    const service = await runService(await open(), { access })
    t.after(() => service.close())
    const run = (script: string, file: string, settings = {}) =>
      runToEnd(settings, [
        process.execPath,
        `backup/${script}.ts`,
        file,
        '--url',
        service.client.base,
      ])
    const file = join(folder, 'one.ndjson')
    writeFileSync(file, '{"_id":"a"}\n')
    const without = await run('import', file)
    assert.equal(without.code, 1)
    assert.match(without.stderr, /answered 401 token_missing: /)
    const settings = { API_TOKEN: access.token }
    assert.equal((await run('import', file, settings)).code, 0)
    assert.equal((await run('export', join(folder, 'two.ndjson'))).code, 1)
    assert.equal((await run('export', join(folder, 'two.ndjson'), settings)).code, 0)
    assert.ok(readFileSync(file).equals(readFileSync(join(folder, 'two.ndjson'))))
  })
})
