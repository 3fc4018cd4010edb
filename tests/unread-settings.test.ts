// Variables that somebody may have meant as settings: the start names them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { settings } from '../src/settings.ts'
import { unreadSettings, unreadWords } from '../src/unread-settings.ts'
import { runToEnd, startProcess } from './support/service-process.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const said = (...names: string[]) =>
  unreadSettings(Object.fromEntries(names.map((name) => [name, 'a value'])))

describe('a variable that is not a setting', () => {
  for (const name of [
    'MONGO_URL',
    'MONGODB_URL',
    'MONGO_URI',
    'DATABASE_URL',
    'DATABASE_URI',
    'MONGO_HOST',
    'MONGO_CONNECTION_STRING',
    'MONGODB_CONNECTION_STRING',
    'MONGO_DB_URL',
    'MONGODB_HOST',
  ]) {
    it(`is named if others call the database so: ${name}`, () => {
      const expected = `${name} is not read: DB_URL or MONGODB_URI names the database.`
      assert.deepEqual(said(name), [expected])
    })
  }

  for (const [name, meant] of [
    ['API_TOKN', 'API_TOKEN'] as const,
    ['API_TOKNE', 'API_TOKEN'] as const,
    ['API-TOKEN', 'API_TOKEN'] as const,
    ['api_token', 'API_TOKEN'] as const,
    ['API_TOKEN_SCOPES', 'API_TOKEN_SCOPE'] as const,
    ['DB_URI', 'DB_URL'] as const,
    ['ALLOWED_HOST', 'ALLOWED_HOSTS'] as const,
    ['USER_PWT', 'USER_PWD'] as const,
  ]) {
    it(`is named if it is one slip away from one that is not set: ${name}`, () => {
      assert.deepEqual(said(name), [`${name} is not read. Is ${meant} meant?`])
      assert.deepEqual(said(name, meant), [])
    })
  }

  it('is left alone if it is none of these', () => {
    const others = ['PATH', 'HOME', 'USERNAME', 'USER', 'HOSTNAME', 'LANG', 'NODE_ENV', 'TOKEN']
    assert.deepEqual(said(...others, 'POSTGRES_URL', 'MONGODB_PORT', 'PORTS', 'DB_PASSWORD'), [])
    assert.deepEqual(said(...Object.keys(settings)), [])
  })

  it('is a warning at the start, and beside the faults of wrong settings; its value is in neither', async () => {
    const MONGO_URL = 'mongodb://me:hidden@db.example'
    const service = await startProcess({ DATA_FILE: join(folder, 'a.db'), MONGO_URL })
    service.signal('SIGTERM')
    await service.exited
    const log = service.lines.join('\n')
    assert.match(log, /"level":40,.*MONGO_URL is not read: DB_URL or MONGODB_URI names/)
    const { code, stderr } = await runToEnd({ KUBERNETES_SERVICE_HOST: '10.0.0.1', MONGO_URL })
    assert.equal(code, 2)
    assert.match(stderr, /- In Kubernetes DB_URL.*\n {2}- MONGO_URL is not read/)
    assert.doesNotMatch(log + stderr, /hidden|db\.example/)
  })
})

describe('a word after npm start', () => {
  const npm = { npm_lifecycle_event: 'start' }

  it('is refused if it is the name of a setting, with the line that sets it', () => {
    const line =
      process.platform === 'win32' ? /\$env:PORT = '5080'; npm start$/ : /PORT=5080 npm start$/
    for (const [args, env] of [
      [['--port=5080'], {}],
      [[], { ...npm, npm_config_port: '5080' }],
    ] as const) {
      const [sentence = '', ...more] = unreadWords(args, env)
      assert.match(sentence, /^--port is not read: PORT is a variable of the environment/)
      assert.match(sentence, line)
      assert.deepEqual(more, [])
    }
    assert.doesNotMatch(unreadWords(['--api-token=a-secret'], {}).join(), /a-secret/)
  })

  it('is refused if it is not the name of a setting, and --help names them all', async () => {
    const main = [process.execPath, 'src/main.ts']
    const wrong = await runToEnd({}, [...main, '--verbose'])
    assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
    assert.match(wrong.stderr, /^--verbose is not read; --help names the settings\.\n$/)
    const { code, stdout } = await runToEnd({}, [...main, '--help'])
    assert.equal(code, 0)
    for (const name of Object.keys(settings))
      assert.match(stdout, new RegExp(`^  ${name} +\\S`, 'm'))
  })

  it('is not what npm has in the environment of another command', () => {
    assert.deepEqual(unreadWords([], { npm_lifecycle_event: 'test', npm_config_port: '5080' }), [])
    assert.deepEqual(unreadWords([], npm), [])
  })
})
