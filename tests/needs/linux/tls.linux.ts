// TLS to the database: a certificate that cannot be trusted gives a clear log line and 503, and nothing
// is ever sent in plain.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { client } from '../../support/client.ts'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { skipWithout } from '../../support/tool.ts'
import { buildService } from './built-service.ts'
import { type Authority, createAuthority } from './certificates.ts'

const command = buildService()
const skip = skipWithout('openssl', 'version') || (noMongod() ?? false)

describe('TLS to the database', { skip, timeout: 120_000 }, () => {
  let mongod: Mongod
  let [trusted, other]: (Authority | undefined)[] = []
  const servers: Server[] = []
  before(async () => {
    mongod = await startMongod()
    trusted = createAuthority()
    other = createAuthority()
  })
  after(async () => {
    for (const server of servers) server.close()
    await mongod.remove()
  })

  /** A TLS server with the certificate in front of the database. Its port. */
  async function tlsPort(options: TlsOptions): Promise<number> {
    const server = createTlsServer(options, (socket) => {
      const database = connect(Number(mongod.address.split(':')[1]), '127.0.0.1')
      for (const end of [socket, database]) {
        end.on('error', () => {})
        end.once('close', () => [socket, database].map((each) => each.destroy()))
      }
      socket.pipe(database).pipe(socket)
    })
    return listen(server)
  }

  async function listen(server: Server): Promise<number> {
    server.on('tlsClientError', () => {})
    servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  async function start(port: number): Promise<ServiceProcess> {
    const { name: USER_NAME, password: USER_PWD } = testUser
    const DB_URL = `localhost:${port}/?tls=true&tlsCAFile=${trusted?.file}`
    return startProcess({ DB_URL, USER_NAME, USER_PWD }, command)
  }

  async function expectRefused(port: number, reason: RegExp): Promise<void> {
    const service = await start(port)
    const api = client(service.base)
    const { status, headers } = await api.post('{"n":1}')
    assert.equal(status, 503)
    assert.match(headers.get('retry-after') ?? '', /^\d+$/)
    while (!service.lines.some((line) => reason.test(line))) {
      assert.equal(service.child.exitCode, null)
      await sleep(50)
    }
    assert.equal((await api.get('/readyz')).status, 503)
    service.signal('SIGKILL')
    await service.exited
  }

  it('works with a certificate of the authority that is named', async () => {
    const service = await start(await tlsPort(trusted?.sign('localhost', 1) ?? {}))
    const api = client(service.base)
    while ((await api.get('/readyz')).status !== 200) await sleep(20)
    assert.equal((await api.post('{"_id":"safe"}')).status, 201)
    service.signal('SIGTERM')
    assert.equal(await service.exited, 0)
  })

  it('refuses one of another authority', async () => {
    const port = await tlsPort(other?.sign('localhost', 1) ?? {})
    await expectRefused(port, /unable to verify|unable to get.*issuer|self.signed/)
  })

  it('refuses one that has expired', async () => {
    const port = await tlsPort(trusted?.sign('localhost', -1) ?? {})
    await expectRefused(port, /certificate has expired/)
  })

  it('refuses one for another host', async () => {
    const port = await tlsPort(trusted?.sign('elsewhere.test', 1) ?? {})
    await expectRefused(port, /does not match certificate/)
  })

  it('says nothing in plain to a server without TLS', async () => {
    const received: Buffer[] = []
    const plain = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (chunk: Buffer) => {
        received.push(chunk)
        socket.destroy()
      })
    })
    await expectRefused(await listen(plain), /no connection to the database yet/)
    assert.ok(received.length > 0)
    const handshake = 0x16 // the type of a TLS record
    for (const chunk of received) assert.equal(chunk[0], handshake)
  })
})
