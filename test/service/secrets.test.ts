// Passwords and tokens of a running process: in no log line, answer, metric or process argument.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runToEnd, startProcess } from '../service-process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { everythingSaid, expectNone } from './secrets.ts'

const folder = temporaryFolder()
const token = 'T0ken/that+nobody_may.see~12345='
const password = 'p@ss:w/o%r?d#1'
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, `${text}\n`, { mode: 0o600 })
  return path
}

const encoded = encodeURIComponent(password)
// Port 1 refuses: every attempt to connect is an error that the service logs.
const databases = {
  USER_PWD: { DB_URL: '127.0.0.1:1', USER_NAME: 'user', USER_PWD: password },
  USER_PWD_FILE: {
    DB_URL: '127.0.0.1:1',
    USER_NAME: 'user',
    USER_PWD_FILE: file('password', password),
  },
  MONGODB_URI: { MONGODB_URI: `mongodb://user:${encoded}@127.0.0.1:1/?appName=x` },
  MONGODB_URI_FILE: { MONGODB_URI_FILE: file('uri', `mongodb://user:${encoded}@127.0.0.1:1/`) },
}

describe('the secrets of a process', () => {
  for (const [name, database] of Object.entries(databases)) {
    it(`are nowhere while its database is away: ${name} and API_TOKEN_FILE`, async () => {
      const API_TOKEN_FILE = file('token', token)
      const service = await startProcess({ ...database, API_TOKEN_FILE, LOG_LEVEL: 'debug' })
      const said = await everythingSaid(service, token)
      for (const sign of [/ 503$/m, / 401$/m, /no connection to the database yet/]) {
        assert.match(said, sign)
      }
      expectNone(said, [token, password])
    })
  }

  it('are nowhere on the embedded store: API_TOKEN', async () => {
    const settings = { DATA_FILE: join(folder, 'secrets.db'), API_TOKEN: token }
    const service = await startProcess({ ...settings, API_TOKEN_SCOPE: 'all', LOG_LEVEL: 'debug' })
    const said = await everythingSaid(service, token)
    assert.match(said, /^POST \/data 201$/m)
    assert.match(said, /^GET \/data 401$/m)
    expectNone(said, [token])
  })

  it('are not in the message about wrong settings', async () => {
    const { code, stderr, stdout } = await runToEnd({
      API_TOKEN: `${token} `,
      API_TOKEN_SCOPE: 'some',
      USER_PWD: password,
      MONGODB_URI: `mongo://user:${password}@host`,
      PORT: 'x',
    })
    assert.equal(code, 2)
    assert.match(stderr, /API_TOKEN_SCOPE must be/)
    assert.match(stderr, /API_TOKEN must have/)
    assert.match(stderr, /MONGODB_URI must begin/)
    expectNone(stderr + stdout, [token, password])
  })
})
