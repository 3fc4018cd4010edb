// npm run sample, against a running service.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openSqliteStore } from '../src/store/sqlite-store.ts'
import { freePort } from './free-port.ts'
import { runService } from './running-service.ts'
import { runToEnd } from './service-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const sample = (url: string, settings: Record<string, string> = {}) =>
  runToEnd(settings, [process.execPath, '--import', 'tsx', 'sample/load-countries.ts', url])

describe('the sample', () => {
  it('loads every country, shows how far it is, and changes nothing the second time', async () => {
    const service = await runService(openSqliteStore(join(folder, 'sample.db')))
    const first = await sample(service.client.base)
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /\] 25\/250\n[\s\S]*\] 250\/250\n[\s\S]*250 countries are new/)
    assert.match(first.stdout, /curl http:\/\/127\.0\.0\.1:\d+\/data\/CHE/)
    const second = await sample(`${service.client.base}/`)
    assert.match(second.stdout, /0 countries are new in .*, 250 were there already/)
    assert.match((await service.client.get('/data/CHE')).text, /"common":"Switzerland"/)
    await service.close()
  })

  it('sends the token of a service that asks for one', async () => {
    const access = { token: 'a-token-of-the-sample', scope: 'writes' } as const
    const service = await runService(openSqliteStore(join(folder, 'token.db')), { access })
    const { base } = service.client
    assert.match((await sample(base)).stderr, /answered 401/)
    assert.match((await sample(base, { API_TOKEN: access.token })).stdout, /250 countries are new/)
    await service.close()
  })

  it('says that nothing answers where nothing does', async () => {
    const { code, stderr } = await sample(`http://127.0.0.1:${await freePort()}`)
    assert.equal(code, 1)
    assert.match(stderr, /Nothing answers at http:\/\/127\.0\.0\.1:\d+\. Is it running/)
  })
})
