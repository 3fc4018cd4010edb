// Variables that somebody may have meant as settings: the start names them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { settings } from '../src/config.ts'
import { unreadSettings } from '../src/unread-settings.ts'
import { runToEnd, startProcess } from './service-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const said = (...names: string[]) =>
  unreadSettings(Object.fromEntries(names.map((name) => [name, 'a value'])))

describe('a variable that is no setting', () => {
  for (const name of [
    ...['MONGO_URL', 'MONGODB_URL', 'MONGO_URI', 'DATABASE_URL', 'DATABASE_URI', 'MONGO_HOST'],
    ...['MONGO_CONNECTION_STRING', 'MONGODB_CONNECTION_STRING', 'MONGO_DB_URL', 'MONGODB_HOST'],
  ]) {
    it(`is named where others call the database so: ${name}`, () => {
      const expected = `${name} is not read: DB_URL or MONGODB_URI names the database.`
      assert.deepEqual(said(name), [expected])
    })
  }

  for (const [name, meant] of [
    ...[['API_TOKN', 'API_TOKEN'] as const, ['API_TOKNE', 'API_TOKEN'] as const],
    ...[['API-TOKEN', 'API_TOKEN'] as const, ['api_token', 'API_TOKEN'] as const],
    ...[['API_TOKEN_SCOPES', 'API_TOKEN_SCOPE'] as const, ['DB_URI', 'DB_URL'] as const],
    ...[['ALLOWED_HOST', 'ALLOWED_HOSTS'] as const, ['USER_PWT', 'USER_PWD'] as const],
  ]) {
    it(`is named where it is a slip away from one that is not set: ${name}`, () => {
      assert.deepEqual(said(name), [`${name} is not read. Is ${meant} meant?`])
      assert.deepEqual(said(name, meant), [])
    })
  }

  it('is left alone where it is none of these', () => {
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
