// The secrets of a process whose database answers, with the right password and with a wrong one.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { everythingSaid, expectNone } from '../../support/secrets.ts'
import { startProcess } from '../../support/service-process.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()
const token = 'T0ken/that+nobody_may.see~12345='
const wrong = 'wr@ng:pass/word%1'

describe('the secrets of a process with a database', () => {
  it('are nowhere while all is well', async () => {
    const { username, password, host } = new URL(server.uri)
    const USER_PWD = decodeURIComponent(password)
    const database = { DB_URL: host, USER_NAME: decodeURIComponent(username), USER_PWD }
    const settings = { ...database, ...server.place(), API_TOKEN: token, LOG_LEVEL: 'debug' }
    const said = await everythingSaid(await startProcess(settings), token)
    assert.match(said, /^POST \/data 201$/m)
    assert.match(said, /connected to the database/)
    expectNone(said, [token, ...(USER_PWD === '' ? [] : [USER_PWD])])
  })

  it('are nowhere if the database does not let it in', async () => {
    const MONGODB_URI = server.uri.replace(/:[^:@]*@/, `:${encodeURIComponent(wrong)}@`)
    const settings = { MONGODB_URI, API_TOKEN: token, LOG_LEVEL: 'debug' }
    const service = await startProcess(settings)
    while (!service.lines.some((line) => /Authentication failed/.test(line))) await sleep(50)
    const said = await everythingSaid(service, token)
    assert.match(said, / 503$/m)
    expectNone(said, [token, wrong])
  })
})
