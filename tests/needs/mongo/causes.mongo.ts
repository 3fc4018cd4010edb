// What an operator reads of a database that cannot be used: log, probe and problem say the same.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createServer } from 'node:tls'
import { MongoClient } from 'mongodb'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { type Mongod, startMongod } from '../../support/mongod.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { createAuthority } from '../linux/certificates.ts'

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The message of the log, of the probe, and of a request: one and the same. */
async function said(uri: string): Promise<string> {
  const logged: string[] = []
  const onAttempt = (error: unknown) => {
    if (error !== undefined) logged.push(messageOf(error))
  }
  const store = openMongoStore({ uri, database: 'd', collection: 'c', onAttempt })
  try {
    const ping = await store.ping().then(() => 'ok', messageOf)
    // What only writes may not do is found out by the probe, and by writes.
    const request = await store.remove('nobody').then(() => 'ok', messageOf)
    assert.equal(request, ping, uri)
    for (const line of logged) assert.equal(line, ping)
    return ping
  } finally {
    await store.close()
  }
}

describe('a database that cannot be used', { timeout: 120_000 }, () => {
  let server: Mongod
  let port = 0
  before(async () => {
    server = await startMongod()
    port = Number(server.address.split(':')[1])
    const admin = new MongoClient(server.uri)
    const make = (database: string, createUser: string, roles: object[]) =>
      admin.db(database).command({ createUser, pwd: 'p', roles })
    await make('admin', 'nothing', [])
    await make('admin', 'reader', [{ role: 'read', db: 'd' }])
    await make('d', 'local', [{ role: 'readWrite', db: 'd' }])
    await admin.close()
  })
  after(() => server.remove())

  it('is named with its cause', async () => {
    const { address, uri } = server
    const nowhere = join(temporaryFolder(), 'nowhere.pem')
    const cases: [uri: string, says: RegExp][] = [
      [uri, /^ok$/],
      [`mongodb://local:p@${address}/?authSource=d`, /^ok$/],
      [`mongodb://local:p@${address}/d`, /^ok$/],
      [uri.replace(/:[^:@]*@/, ':wrong@'), /Authentication failed.*authSource/],
      [`mongodb://nobody:p@${address}/`, /Authentication failed/],
      [`mongodb://local:p@${address}/`, /Authentication failed.*authSource/],
      [`mongodb://${address}/`, /asks for a log-in: set USER_NAME/],
      [`mongodb://nothing:p@${address}/`, /needs the role readWrite/],
      [`mongodb://reader:p@${address}/`, /needs the role readWrite/],
      [`${uri}?replicaSet=rs9`, /replicaSet/],
      [`${uri}?tls=true`, /TLS may be on at only one side/],
      [`${uri}?tls=true&tlsCAFile=${nowhere}`, /tlsCAFile.*cannot be read/],
      ['mongodb://127.0.0.1:1/', /Nothing listens/],
      ['mongodb://nowhere.invalid/', /host name .* not known/],
    ]
    for (const [from, says] of cases) assert.match(await said(from), says, from)
  })

  it('is named with its cause if TLS is on', async () => {
    const authority = createAuthority()
    const proxy = createServer(authority.sign('localhost', 2), (socket) => {
      const database = connect(port, '127.0.0.1')
      socket.pipe(database).pipe(socket)
      socket.on('error', () => database.destroy())
      database.on('error', () => socket.destroy())
    })
    proxy.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    const tlsPort = typeof address === 'object' && address ? address.port : 0
    const at = (host: string, options: string) =>
      `mongodb://local:p@${host}:${tlsPort}/?authSource=d${options}`
    const none = join(temporaryFolder(), 'none.pem')
    writeFileSync(none, 'no certificate')
    try {
      const ca = `&tls=true&tlsCAFile=${authority.file}`
      assert.equal(await said(at('localhost', ca)), 'ok')
      assert.match(await said(at('localhost', '')), /TLS may be on at only one side/)
      assert.match(await said(at('127.0.0.1', ca)), /a host name other than/)
      for (const options of ['&tls=true', `&tls=true&tlsCAFile=${none}`]) {
        assert.match(await said(at('localhost', options)), /tlsCAFile must name a PEM file/)
      }
    } finally {
      proxy.close()
    }
  })

  it('is refused at the start if its address is wrong, and no part of a secret is repeated', () => {
    const wrong: [uri: string, says: RegExp][] = [
      ['mongodb://user:p@ss:TopS3cret@host/', /more than one @.*%40.*USER_PWD/],
      ['mongodb://user:p@TopS3cret/word@host/', /more than one @/],
      ['mongodb://user:p@TopS3cret?x=y@host/', /more than one @/],
      ['mongodb://TopS3/cret:x@host/', /Percent-encode/],
      ['mongodb://user:TopS3cret/x@host/', /Percent-encode/],
      ['mongodb://user:TopS3cret', /Percent-encode/],
      ['mongodb://host/?TopS3cret=true', /an unknown option/],
      ['mongodb://user:p@host/other', /DB_NAME.*authSource/],
    ]
    for (const [uri, says] of wrong) {
      const open = () => openMongoStore({ uri, database: 'd', collection: 'c' })
      assert.throws(open, (error: unknown) => {
        assert.ok(error instanceof Error)
        assert.match(error.message, says, uri)
        assert.ok(!error.message.includes('TopS3'), error.message)
        assert.equal(error.cause, undefined)
        return true
      })
    }
  })
})
