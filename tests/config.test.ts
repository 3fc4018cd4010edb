// From the environment to settings, or to the list of everything that is wrong with them.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { MongoClient } from 'mongodb'
import { type Config, readConfig } from '../src/config.ts'
import { settings } from '../src/settings.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function config(env: Record<string, string>): Config {
  const result = readConfig(env)
  assert.ok(result.config, String(result.faults))
  return result.config
}

function faults(env: Record<string, string>): string {
  const result = readConfig(env)
  assert.ok(result.faults, 'no fault')
  return result.faults.join('\n')
}

function uri(env: Record<string, string>): string {
  const { store } = config(env)
  assert.ok(store.kind === 'mongo')
  return store.uri
}

describe('the settings', () => {
  it('have defaults', () => {
    const defaults = config({})
    assert.equal(defaults.port, 5000)
    assert.deepEqual(defaults.store, { kind: 'sqlite', file: 'data/documents.db' })
    assert.equal(defaults.drainDelay, 0)
    assert.equal(defaults.drainDeadline, 20_000)
  })

  it('refuse a value that is empty or blank, whichever it is', () => {
    const values = { ...Object.fromEntries(Object.keys(settings).map((name) => [name, ''])) }
    for (const blank of ['', ' ', '\t\n']) {
      for (const name of Object.keys(values)) {
        assert.match(faults({ [name]: blank }), new RegExp(`^${name} is set, but empty`), name)
      }
    }
    assert.equal(faults(values).match(/is set, but empty/g)?.length, Object.keys(values).length)
  })

  it('listen on this machine alone, unless they say otherwise', () => {
    assert.equal(config({}).host, 'localhost')
    assert.equal(config({ HOST: '::' }).host, '::')
  })

  it('take host names as people write them', () => {
    const { allowedHosts } = config({
      ALLOWED_HOSTS: 'Data.example., *.cluster.local,10.0.0.1,::1',
    })
    assert.deepEqual(allowedHosts, ['data.example', '*.cluster.local', '10.0.0.1', '::1'])
    assert.deepEqual(config({ ALLOWED_HOSTS: '*' }).allowedHosts, ['*'])
    assert.equal(config({}).allowedHosts, undefined)
    for (const ALLOWED_HOSTS of [
      'http://a.example',
      'a.example:80',
      'a,,b',
      'a b',
      '*a',
      'ä.example',
    ]) {
      assert.match(faults({ ALLOWED_HOSTS }), /^ALLOWED_HOSTS must be host names/, ALLOWED_HOSTS)
    }
  })

  it('do not put documents into a container of Kubernetes unless they name the file', () => {
    const KUBERNETES_SERVICE_HOST = '10.0.0.1'
    assert.match(faults({ KUBERNETES_SERVICE_HOST }), /^In Kubernetes DB_URL or MONGODB_URI must/)
    const DATA_FILE = '/volume/documents.db'
    const { store } = config({ KUBERNETES_SERVICE_HOST, DATA_FILE })
    assert.deepEqual(store, { kind: 'sqlite', file: DATA_FILE })
    assert.equal(config({ KUBERNETES_SERVICE_HOST, DB_URL: 'db' }).store.kind, 'mongo')
  })

  it('delay the drain in Kubernetes', () => {
    const inKubernetes = { KUBERNETES_SERVICE_HOST: '10.0.0.1', DB_URL: 'db' }
    assert.equal(config({ ...inKubernetes }).drainDelay, 5000)
    assert.equal(config({ ...inKubernetes, DRAIN_DELAY: '0' }).drainDelay, 0)
  })

  it('read times and sizes with their units', () => {
    assert.equal(config({ DRAIN_DELAY: '250ms' }).drainDelay, 250)
    assert.equal(config({ DRAIN_DELAY: '2' }).drainDelay, 2000)
    assert.equal(config({ DRAIN_DEADLINE: '1m' }).drainDeadline, 60_000)
    assert.equal(config({ MAX_BODY: '512KiB' }).maxBody, 524_288)
    assert.equal(config({ MAX_BODIES: '1GiB' }).maxBodies, 2 ** 30)
    assert.equal(config({ MAX_ANSWERS: '8MiB' }).maxAnswers, 2 ** 23)
    for (const bad of ['5 s', '-1', 's', '5h', '1e3', 'constructor', '5toString']) {
      assert.match(faults({ DRAIN_DELAY: bad }), /DRAIN_DELAY must be a time/, bad)
    }
    assert.match(faults({ MAX_BODY: '5MB' }), /MAX_BODY must be a size/)
  })

  it('refuse a time that Node cannot wait for, a size of 0, and names that MongoDB refuses', () => {
    assert.match(faults({ DRAIN_DEADLINE: '40000m' }), /DRAIN_DEADLINE must be a time/)
    assert.match(faults({ MAX_BODY: '0' }), /MAX_BODY must be a size/)
    for (const DB_NAME of ['a.b', 'a b', 'a/b', 'a$', 'x'.repeat(64)]) {
      assert.match(faults({ DB_URL: 'db', DB_NAME }), /DB_NAME must have/, DB_NAME)
    }
    for (const DB_COLLECTION of ['a$b', 'system.users', '.a', 'a.', 'a..b']) {
      assert.match(
        faults({ DB_URL: 'db', DB_COLLECTION }),
        /DB_COLLECTION must have/,
        DB_COLLECTION,
      )
    }
    config({ DB_URL: 'db', DB_NAME: 'my-data_1', DB_COLLECTION: 'some.things' })
  })

  it('refuse an invalid port and an invalid level', () => {
    for (const PORT of ['-1', '65536', 'http', '80.5', '0x50']) {
      assert.match(faults({ PORT }), /PORT must be a number from 0 to 65535/)
    }
    assert.match(faults({ LOG_LEVEL: 'toString' }), /LOG_LEVEL must be debug, info, warn or error/)
  })

  it('put user and password into the connection string, whatever is in them', () => {
    const hard = 'p@ss:w/o%rd?#[]&=+ ä'
    const env = { DB_URL: 'db:27017', USER_NAME: 'us@er:/', USER_PWD: hard }
    const { options } = new MongoClient(uri(env))
    assert.equal(options.credentials?.username, 'us@er:/')
    assert.equal(options.credentials?.password, hard)
    assert.deepEqual(options.hosts.map(String), ['db:27017'])
    assert.equal(uri({ DB_URL: 'db:27017/?replicaSet=rs' }), 'mongodb://db:27017/?replicaSet=rs')
  })

  it('read the password and the connection string from files', () => {
    const USER_PWD_FILE = file('password', 'secret\n')
    const env = { DB_URL: 'db', USER_NAME: 'u', USER_PWD_FILE }
    assert.equal(uri(env), 'mongodb://u:secret@db')
    const MONGODB_URI_FILE = file('uri', 'mongodb://other/')
    assert.equal(uri({ ...env, MONGODB_URI_FILE }), 'mongodb://other/')
    assert.match(faults({ MONGODB_URI_FILE: join(folder, 'none') }), /MONGODB_URI_FILE.*ENOENT/)
    assert.match(faults({ MONGODB_URI_FILE: file('empty', '\n') }), /MONGODB_URI_FILE.*empty/)
  })

  it('refuse a connection string of which the driver would take a part of the password for a host', () => {
    for (const password of [
      'p@ss',
      'p/ss',
      'p?ss',
      'p#ss',
      'p ss',
      '1/2',
      '1?2',
      'p%ss',
      '%',
      'a@b:1',
    ]) {
      for (const rest of ['host', 'host/', 'host/db?w=1', 'host/?w=1&appName=a@b']) {
        const text = faults({ MONGODB_URI: `mongodb://user:${password}@${rest}` })
        assert.match(text, /^MONGODB_URI must have user and password percent-encoded/, password)
        assert.equal(
          text,
          faults({ MONGODB_URI: 'mongodb://u:@@h' }),
          'it says nothing of the value',
        )
      }
      const encoded = encodeURIComponent(password)
      const MONGODB_URI = `mongodb://user:${encoded}@a:1,b.example:2/db?authSource=admin&appName=a@b`
      assert.equal(uri({ MONGODB_URI }), MONGODB_URI)
    }
    for (const rest of [
      'h',
      'h/',
      'h:1/?w=1',
      'h?w=1',
      '[::1]:1/db',
      '%2Ftmp%2Fmongodb.sock',
      'u@h',
    ]) {
      assert.equal(uri({ MONGODB_URI: `mongodb://${rest}` }), `mongodb://${rest}`)
    }
  })

  it('let everybody in without a token, and ask for it for writes or for everything', () => {
    const API_TOKEN = 'x'.repeat(16)
    assert.equal(config({}).access, undefined)
    assert.deepEqual(config({ API_TOKEN }).access, { token: API_TOKEN, scope: 'writes' })
    const API_TOKEN_FILE = file('token', `${API_TOKEN}\r\n`)
    const all = config({ API_TOKEN_FILE, API_TOKEN_SCOPE: 'all' })
    assert.deepEqual(all.access, { token: API_TOKEN, scope: 'all' })
  })

  it('refuse a token that is short, that no header can carry, or that is not there', () => {
    for (const API_TOKEN of [
      'x'.repeat(15),
      `${'x'.repeat(16)} y`,
      'ä'.repeat(20),
      'x\n'.repeat(9),
    ]) {
      const text = faults({ API_TOKEN })
      assert.match(text, /^API_TOKEN must have at least 16 characters/)
      assert.ok(!text.includes(API_TOKEN))
    }
    const API_TOKEN = 'x'.repeat(16)
    assert.match(
      faults({ API_TOKEN, API_TOKEN_FILE: 'x' }),
      /API_TOKEN and API_TOKEN_FILE are both/,
    )
    assert.match(faults({ API_TOKEN_FILE: join(folder, 'none') }), /API_TOKEN_FILE.*ENOENT/)
    for (const blank of ['', '\n', ' \r\n\t']) {
      assert.match(faults({ API_TOKEN_FILE: file('no-token', blank) }), /API_TOKEN_FILE.*is empty/)
    }
    assert.match(faults({ API_TOKEN_SCOPE: 'all' }), /API_TOKEN_SCOPE is set, but API_TOKEN is not/)
    const scope = faults({ API_TOKEN, API_TOKEN_SCOPE: 'reads' })
    assert.match(scope, /API_TOKEN_SCOPE must be writes or all, not "reads"/)
  })

  it('let MONGODB_URI override the others', () => {
    const env = { DB_URL: 'db', USER_NAME: 'u', USER_PWD: 'p', MONGODB_URI: 'mongodb+srv://x.test' }
    assert.equal(uri(env), 'mongodb+srv://x.test')
  })

  it('refuse settings that contradict each other', () => {
    assert.match(faults({ DB_URL: 'db', DATA_FILE: 'x' }), /DB_URL and DATA_FILE/)
    assert.match(
      faults({ MONGODB_URI: 'mongodb://x', DATA_FILE: 'x' }),
      /MONGODB_URI and DATA_FILE/,
    )
    assert.match(faults({ MONGODB_URI: 'mongodb://x', MONGODB_URI_FILE: 'x' }), /both set/)
    assert.match(faults({ DB_URL: 'db', USER_NAME: 'u' }), /USER_PWD is not/)
    assert.match(faults({ DB_URL: 'db', USER_PWD: 'p' }), /USER_NAME is not/)
    assert.match(faults({ USER_NAME: 'u' }), /DB_URL is not/)
    assert.match(faults({ DB_URL: 'mongodb://db' }), /without mongodb:\/\//)
    assert.match(faults({ DB_URL: 'u:p@db' }), /holds no user/)
    assert.match(faults({ MONGODB_URI: 'postgres://x' }), /must begin with mongodb/)
    assert.match(faults({ MAX_BODY: '2MiB', MAX_BODIES: '1MiB' }), /MAX_BODIES must not be less/)
  })

  it('name all faults at once', () => {
    assert.equal(
      faults({ PORT: 'x', DRAIN_DELAY: 'x', DB_URL: 'a://b', USER_PWD: 'p' }).split('\n').length,
      4,
    )
  })
})
