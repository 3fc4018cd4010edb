// /openapi.json, read by other people's tools: two linters, and a client that is made from it.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { type RunningService, runService } from '../../support/running-service.ts'
import { type Finished, runToEnd } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const here = 'tests/needs/clients'
const installed = existsSync(`${here}/node_modules/.package-lock.json`)
const skip = installed ? false : `npm ci --prefix ${here} installs the tools`
if (skip && process.env.CI === 'true') throw new Error(skip)

const folder = temporaryFolder()

/** Runs a tool of tests/needs/clients, which must have nothing to say against what it reads. */
async function run(tool: string, ...args: readonly string[]): Promise<Finished> {
  const settings = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const script = resolve(here, 'node_modules/.bin', tool)
  const finished = await runToEnd(settings, [process.execPath, script, ...args])
  assert.equal(finished.code, 0, `${tool}: ${finished.stdout}${finished.stderr}`)
  return finished
}

describe('/openapi.json', { skip }, () => {
  let service: RunningService
  const files: string[] = []

  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'clients.db')))
    const token = { token: 'a-token-of-sixteen-or-more', scope: 'writes' } as const
    const guarded = await runService(openSqliteStore(join(folder, 'guarded.db')), { access: token })
    for (const [name, { client }] of Object.entries({ service, guarded })) {
      const file = join(folder, `${name}.json`)
      writeFileSync(file, (await client.get('/openapi.json')).text)
      files.push(file)
    }
    await guarded.close()
  })
  after(() => service.close())

  it('passes spectral:oas without a warning, with a log-in and without', async () => {
    const { stdout } = await run('spectral', 'lint', '-r', `${here}/spectral.yaml`, ...files)
    assert.match(stdout, /^No results with a severity of 'error' found!\n$/)
  })

  it('passes the recommended rules of redocly without a warning, with a log-in and without', async () => {
    for (const file of files) {
      const options = ['--extends', 'recommended', '--format', 'json']
      const { stdout } = await run('redocly', 'lint', ...options, file)
      assert.deepEqual(JSON.parse(stdout).totals, { errors: 0, warnings: 0, ignored: 0 })
    }
  })

  it('makes a client of openapi-typescript that TypeScript takes and that works', async () => {
    const [file = ''] = files
    mkdirSync(`${here}/typed/made`, { recursive: true })
    await run('openapi-typescript', file, '--output', `${here}/typed/made/api.ts`)
    await run('tsc', '--project', `${here}/typed`)
    const program = [process.execPath, `${here}/typed/use-api.ts`]
    const { code, stderr } = await runToEnd({}, [...program, service.client.base])
    assert.equal(code, 0, stderr)
  })
})
