// /openapi.json is an OpenAPI 3.1 document and names every route and every code.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { problems } from '../../src/http/problem.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openApiCheck } from '../support/openapi-check.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

describe('/openapi.json', () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'openapi.db')))
  })
  after(() => service.close())

  it('is valid by the schema of OpenAPI 3.1', async () => {
    const { text } = await service.client.get('/openapi.json')
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(text))
    assert.ok(valid, JSON.stringify(errors))
    assert.equal(validator.version, '3.1')
  })

  it('has every code of the table of errors', async () => {
    const store = openSqliteStore(join(folder, 'token.db'))
    const access = { token: 'a token', scope: 'writes' } as const
    const withToken = await runService(store, { access })
    const texts = [service, withToken].map(({ client }) => client.get('/openapi.json'))
    const text = (await Promise.all(texts)).map((answer) => answer.text).join('')
    await withToken.close()
    for (const code of Object.keys(problems)) {
      if (code === 'method_not_allowed') continue // OpenAPI describes only methods that there are
      assert.ok(text.includes(`\`${code}\``), code)
    }
  })

  it('is a document that an answer can disagree with', async () => {
    const check = openApiCheck(JSON.parse((await service.client.get('/openapi.json')).text))
    const json = 'application/json'
    check('POST', '/data', 201, json, '{"status":"Data inserted","_id":"x"}')
    assert.throws(() => check('POST', '/data', 201, json, '{"status":"Data inserted"}'))
    assert.throws(() =>
      check('POST', '/data', 201, 'text/plain', '{"status":"Data inserted","_id":"x"}'),
    )
    assert.throws(() => check('POST', '/data', 202, json, '{}'))
    assert.throws(() => check('GET', '/data', 200, json, '[{"a":1}]'))
    assert.throws(() =>
      check('GET', '/data/x', 404, 'application/problem+json', '{"code":"not_found"}'),
    )
    assert.throws(() => check('DELETE', '/data/x', 204, '', 'text'))
    assert.throws(() => check('GET', '/nowhere', 200, json, '{}'))
  })
})
