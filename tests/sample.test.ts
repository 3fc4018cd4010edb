// npm run sample, against a running service.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openSqliteStore } from '../src/store/sqlite-store.ts'
import { freePort } from './support/free-port.ts'
import { runService } from './support/running-service.ts'
import { runToEnd } from './support/service-process.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const sample = (url: string, settings: Record<string, string> = {}) =>
  runToEnd(settings, [process.execPath, 'sample/load-countries.ts', url])

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
    assert.match(
      (await sample(base)).stderr,
      /answered 401 .* asks for its token: put it into API_TOKEN/,
    )
    const other = await sample(base, { API_TOKEN: `${access.token}s` })
    assert.match(other.stderr, /answered 401 .* has another token than API_TOKEN/)
    assert.match((await sample(base, { API_TOKEN: access.token })).stdout, /250 countries are new/)
    await service.close()
  })

  it('says that nothing answers if nothing does', async () => {
    const { code, stderr } = await sample(`http://127.0.0.1:${await freePort()}`)
    assert.equal(code, 1)
    assert.match(stderr, /nothing answers at http:\/\/127\.0\.0\.1:\d+\/data .* Is it running/)
    assert.match(stderr, /\nStart it: npm start\n\nnpm run sample \[URL\]\n/)
  })

  it('finds the service by PORT and by URL, and takes no option for an address', async () => {
    const service = await runService(openSqliteStore(join(folder, 'port.db')))
    const { base } = service.client
    const program = [process.execPath, 'sample/load-countries.ts']
    const { port } = new URL(base)
    assert.match((await runToEnd({ PORT: port }, program)).stdout, /250 countries are new/)
    assert.match((await runToEnd({ URL: base }, program)).stdout, /250 were there already/)
    assert.match((await runToEnd({}, [...program, '--url', base])).stdout, /250 were there already/)
    for (const wrong of [['--ulr', base], ['localhost:5000'], [base, 'more']]) {
      const { code, stderr } = await runToEnd({}, [...program, ...wrong])
      assert.equal(code, 2, stderr)
      assert.match(
        stderr,
        /^sample: (?:--ulr: .*--url meant|URL is http:|more: unknown).*\n\nnpm run sample/,
      )
    }
    await service.close()
  })
})
