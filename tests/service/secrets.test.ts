// Passwords and tokens of a running process: in no log line, answer, metric or process argument.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { everythingSaid, expectNone } from '../support/secrets.ts'
import { runToEnd, startProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const token = 'T0ken/that+nobody_may.see~12345='
const password = 'p@ss:w/o%r?d#1'
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, `${text}\n`, { mode: 0o600 })
  return path
}

const encoded = encodeURIComponent(password)
// What differs from one run to the next whatever the password is: figures, and where Node was just then.
const withoutFigures = (line: string) =>
  line.replaceAll(/\\n +at (?:[^\\(]* )?\(?node:[^\\"]*/g, '').replaceAll(/\d+/g, '0')
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

describe('the secrets of a process', { concurrency: 6 }, () => {
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

  // A short password is a part of other words: to look for it in the text proves nothing. What is said
  // with one and with another must be the same instead.
  it('change nothing of what is said while the database is away, however short or odd they are', async () => {
    const saidWith = async (USER_PWD: string) => {
      const database = { DB_URL: '127.0.0.1:1', USER_NAME: 'user', USER_PWD }
      const { lines, errors, signal, exited } = await startProcess({
        ...database,
        LOG_LEVEL: 'debug',
      })
      for (const sign of ['no connection', 'store: ']) {
        while (!lines.some((line) => line.includes(sign))) await sleep(20)
      }
      signal('SIGTERM')
      await exited
      return [...new Set([...lines, ...errors].map(withoutFigures))].sort().join('\n')
    }
    const expected = await saidWith('long-enough-to-be-nowhere')
    for (const line of expected.split('\n')) JSON.parse(line)
    assert.match(expected, /listening on http:\/\/localhost/)
    assert.doesNotMatch(expected, /long-enough|\[secret\]/)
    const odd = ['p', 'e', '1', 'a"b\\c', 'p%40ss']
    for (const [index, said] of (await Promise.all(odd.map(saidWith))).entries()) {
      assert.equal(said, expected, `password ${odd[index]}`)
    }
  })

  it('are in no message about a connection string, whole or in part', async () => {
    const said = new Set<string>()
    for (const password of [
      'p',
      'p@ss:TopS3cret',
      'TopS3cret/x',
      'Top?S3cret',
      '1/2',
      'TopS3cret%',
      'a b',
    ]) {
      const { code, stdout, stderr } = await runToEnd({
        MONGODB_URI: `mongodb://user:${password}@host:port/`,
      })
      assert.equal(code, 2, password)
      assert.doesNotMatch(stdout + stderr, /S3cret|p@ss|Top\b/)
      assert.match(stderr, /MONGODB_URI/)
      if (password !== 'p') said.add(stdout + stderr)
    }
    assert.equal(said.size, 1, 'whatever is wrong with it, the words are the same')
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
