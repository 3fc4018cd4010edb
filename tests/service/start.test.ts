// How the process starts, and how it says why it does not.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { client } from '../support/client.ts'
import { runToEnd, startProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const password = 'p@ss:w/o%rd'

describe('the start', { concurrency: 3 }, () => {
  it('keeps documents over a restart', async () => {
    const DATA_FILE = join(folder, 'made', 'for', 'it', 'kept.db')
    const first = await startProcess({ DATA_FILE })
    assert.equal((await client(first.base).post('{"_id":"kept","n":1}')).status, 201)
    first.signal('SIGTERM')
    assert.equal(await first.exited, 0)
    const second = await startProcess({ DATA_FILE })
    assert.equal((await client(second.base).get('/data')).text, '[{"_id":"kept","n":1}]\n')
    second.signal('SIGTERM')
    assert.equal(await second.exited, 0)
  })

  it('keeps what it acknowledged over a kill -9', async () => {
    const DATA_FILE = join(folder, 'killed.db')
    for (let round = 0; round < 3; round++) {
      const service = await startProcess({ DATA_FILE })
      const api = client(service.base)
      const acknowledged: unknown[] = []
      const writers = Array.from({ length: 16 }, async () => {
        for (;;) acknowledged.push((await api.post('{"text":"some text"}')).member('_id'))
      })
      setTimeout(() => service.signal('SIGKILL'), 300)
      await Promise.allSettled(writers)
      assert.equal(await service.exited, 'SIGKILL')
      const again = await startProcess({ DATA_FILE })
      const { text } = await client(again.base).get('/data')
      assert.ok(acknowledged.length > 0)
      for (const id of acknowledged) assert.ok(text.includes(`"${id}"`), `${id} is lost`)
      again.signal('SIGKILL')
      await again.exited
    }
  })

  it('lists every fault of the settings in one message and ends with 2', async () => {
    const { code, stderr, stdout } = await runToEnd({
      PORT: '70000',
      DRAIN_DELAY: 'soon',
      LOG_LEVEL: 'loud',
      DB_URL: 'mongodb://db:27017',
      USER_PWD: password,
      USER_PWD_FILE: join(folder, 'nothing'),
      DATA_FILE: 'x.db',
    })
    assert.equal(code, 2)
    assert.equal(stdout, '')
    for (const name of [
      'PORT',
      'DRAIN_DELAY',
      'LOG_LEVEL',
      'DB_URL',
      'USER_PWD and USER_PWD_FILE',
      'USER_NAME',
      'DATA_FILE',
    ]) {
      assert.match(stderr, new RegExp(`- .*${name}`), name)
    }
    assert.doesNotMatch(stderr, new RegExp(password))
  })

  it('ends with 2 if the driver does not take the connection string', async () => {
    const MONGODB_URI = `mongodb://user:${encodeURIComponent(password)}@host:port/?tls=perhaps`
    const { code, stderr } = await runToEnd({ MONGODB_URI })
    assert.equal(code, 2)
    assert.match(stderr, /MONGODB_URI: /)
    assert.doesNotMatch(stderr, /p@ss|p%40ss/)
  })

  it('says which port is taken', async () => {
    const service = await startProcess({ DATA_FILE: join(folder, 'a.db') })
    const { code, stderr } = await runToEnd({
      DATA_FILE: join(folder, 'b.db'),
      HOST: '127.0.0.1',
      PORT: String(service.port),
    })
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`port ${service.port}: another program listens there`))
    service.signal('SIGTERM')
    assert.equal(await service.exited, 0)
  })

  it('says why it cannot use a data file, and leaves that file alone', async () => {
    const text = join(folder, 'text.db')
    writeFileSync(text, 'this is no database, but somebody’s notes '.repeat(50))
    const other = join(folder, 'other.db')
    const db = new DatabaseSync(other)
    db.exec('CREATE TABLE somebody (elses INTEGER)')
    db.close()
    const newer = join(folder, 'newer.db')
    const made = await startProcess({ DATA_FILE: newer })
    made.signal('SIGTERM')
    await made.exited
    const changed = new DatabaseSync(newer)
    changed.exec('PRAGMA user_version = 99')
    changed.close()
    const directory = join(folder, 'directory.db')
    mkdirSync(directory)
    const faults: [string, RegExp][] = [
      [text, /not a database/],
      [other, /another program/],
      [newer, /version 99 is newer/],
      [directory, /cannot be opened/],
      [join(text, 'below.db'), /folder cannot be written/],
    ]
    for (const [DATA_FILE, why] of faults) {
      const { code, stderr } = await runToEnd({ DATA_FILE })
      assert.equal(code, 1, DATA_FILE)
      assert.match(stderr, why)
      assert.ok(stderr.includes(DATA_FILE))
    }
  })

  it('says that it cannot write if the folder is read-only', { skip: asRoot() }, async () => {
    const readonly = join(folder, 'readonly')
    mkdirSync(readonly)
    chmodSync(readonly, 0o500)
    const { code, stderr } = await runToEnd({ DATA_FILE: join(readonly, 'x.db') })
    assert.equal(code, 1)
    assert.match(stderr, /cannot be opened or written/)
  })

  it('says which Node is too old', async () => {
    const fake =
      'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})'
    const command = [process.execPath, '--import', fake, 'src/main.ts']
    const { code, stderr } = await runToEnd({}, command)
    assert.equal(code, 2)
    assert.match(stderr, /needs Node 24\.2 or newer; this is Node 20\.20\.2/)
    assert.equal(stderr.split('needs Node').length, 2, stderr)
  })
})

function asRoot(): string | false {
  return process.getuid?.() === 0 ? 'root may write everywhere' : false
}
