// Where the process listens, what it says of that, and who it answers to there.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { describeTakenPort } from '../../src/http/listen.ts'
import { openSocket, readUntil } from '../support/raw-request.ts'
import { runToEnd, startProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
const DATA_FILE = () => join(folder, `${files++}.db`)
const token = 'x'.repeat(16)

const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
const hasIPv6 = addresses.some(({ address }) => address === '::1')
// A link-local address needs its interface's name, and the others show the same.
const outward = addresses.filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)

const byDefault = { HOST: undefined, ALLOWED_HOSTS: undefined }
const start = (settings: Readonly<Record<string, string | undefined>>) =>
  startProcess({ ...byDefault, DATA_FILE: DATA_FILE(), ...settings })

async function listensAt(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const warnings = (lines: readonly string[]) => lines.filter((line) => line.includes('"level":40'))

describe('the address to listen on', { concurrency: 3 }, () => {
  it('is this machine alone unless another is set', async () => {
    const { port, lines, signal, exited } = await start({})
    assert.ok(await listensAt('127.0.0.1', port))
    assert.equal(await listensAt('::1', port), hasIPv6)
    for (const { address } of outward) assert.ok(!(await listensAt(address, port)), address)
    assert.deepEqual(warnings(lines), [])
    signal('SIGTERM')
    assert.equal(await exited, 0)
  })

  it('serves, counts and drains the connections of both alike', { skip: !hasIPv6 }, async () => {
    const service = await start({ MAX_CONNECTIONS: '5' })
    const busy = ['127.0.0.1', '::1'].map((host) => connect(service.port, host))
    const head =
      'POST /data HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n'
    for (const socket of busy) {
      await once(socket, 'connect')
      socket.write(`${head}{"a"`)
    }
    const metrics = await (await fetch(`http://localhost:${service.port}/metrics`)).text()
    assert.match(metrics, /^http_connections 3$/m)
    assert.match(metrics, /^http_requests_in_flight 3$/m)
    service.signal('SIGTERM')
    while (!service.lines.some((line) => line.includes('draining'))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const socket of busy) {
      socket.write(':1}')
      assert.match(await readUntil(socket, /\}\n$/), /^HTTP\/1\.1 201 .*Connection: close/s)
    }
    assert.equal(await service.exited, 0)
    for (const host of ['127.0.0.1', '::1']) assert.ok(!(await listensAt(host, service.port)))
  })

  it('has one limit of connections for both', { skip: !hasIPv6 }, async () => {
    const service = await start({ MAX_CONNECTIONS: '2' })
    for (const host of ['127.0.0.1', '::1']) {
      const answered = connect(service.port, host)
      answered.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
      assert.match(await readUntil(answered, /\r\n\r\n/), /^HTTP\/1\.1 200 /)
    }
    for (const host of ['127.0.0.1', '::1']) {
      const refused = connect(service.port, host).resume()
      await once(refused, 'close')
    }
    service.signal('SIGTERM')
    assert.equal(await service.exited, 0)
  })

  it('is taken when another program has the port at either of them', {
    skip: !hasIPv6,
  }, async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const other = createServer().listen(0, host)
      await once(other, 'listening')
      const address = other.address()
      assert.ok(typeof address === 'object' && address !== null)
      const PORT = String(address.port)
      const { code, stderr } = await runToEnd({ DATA_FILE: DATA_FILE(), PORT })
      assert.equal(code, 1)
      assert.equal(stderr, `${describeTakenPort(address.port)}\n`)
      assert.match(stderr, /another program listens there\.\nWhich one: .*\nPORT sets another one/)
      other.close()
    }
  })

  it('says of a taken port how to find out who has it, and how to take another, for each system', () => {
    assert.match(
      describeTakenPort(5000, 'linux', 'start'),
      /: ss -ltnp 'sport = :5000'\n.*PORT=5080 npm start$/,
    )
    assert.match(describeTakenPort(5080, 'linux', 'dev'), /PORT=5081 npm run dev$/)
    const onWindows = describeTakenPort(5000, 'win32', 'start')
    assert.match(onWindows, /Get-NetTCPConnection -LocalPort 5000 .*\$env:PORT = 5080; npm start$/s)
    assert.match(
      describeTakenPort(5000, 'darwin', 'start'),
      /AirPlay Receiver.*\n.*: lsof -nP -iTCP:5000 /,
    )
    assert.doesNotMatch(describeTakenPort(8080, 'darwin', 'start'), /AirPlay/)
    assert.match(describeTakenPort(5000, 'linux', undefined), /PORT sets another one\.$/)
  })

  it('is every one of the machine with ::, and one line says both ways out', async () => {
    const { port, lines, signal, exited } = await start({ HOST: '::' })
    for (const address of ['127.0.0.1', ...(hasIPv6 ? ['::1'] : [])]) {
      assert.ok(await listensAt(address, port), address)
    }
    for (const { address } of outward) {
      assert.equal(await listensAt(address, port), hasIPv6 || !isIPv6(address), address)
    }
    const [warning = '', ...more] = warnings(lines)
    assert.match(warning, /HOST is :: .*no API_TOKEN.*Set API_TOKEN, or HOST=localhost/)
    assert.deepEqual(more, [])
    signal('SIGTERM')
    assert.equal(await exited, 0)
  })

  it('may be any with a token, without a warning', async () => {
    const { lines, signal, exited } = await start({ HOST: '0.0.0.0', API_TOKEN: token })
    assert.deepEqual(warnings(lines), [])
    signal('SIGTERM')
    assert.equal(await exited, 0)
  })

  it('is explained in words if it cannot be had', async () => {
    const faults: [settings: Record<string, string>, message: RegExp][] = [
      // Of the block for documentation (RFC 5737), which no machine has.
      [{ HOST: '203.0.113.7' }, /HOST 203\.0\.113\.7: this machine has no such address\. :: is/],
      [{ HOST: 'nowhere.invalid' }, /HOST nowhere\.invalid is neither an address nor a name/],
      [{ HOST: 'http://localhost' }, /HOST http:\/\/localhost is neither an address nor a name/],
      [{ HOST: 'localhost:5000' }, /HOST localhost:5000 is neither an address nor a name/],
    ]
    if (hasIPv6) faults.push([{ HOST: 'fe80::1' }, /HOST fe80::1: the address needs its interface/])
    for (const [settings, message] of faults) {
      const { code, stderr } = await runToEnd({ DATA_FILE: DATA_FILE(), PORT: '0', ...settings })
      assert.equal(code, 1, stderr)
      assert.match(stderr, message)
      assert.match(stderr, /^[^\n]+\n$/, 'one line')
      assert.doesNotMatch(stderr, /\b(?:E[A-Z]{4,}|at )\b/, 'no code and no stack')
    }
  })
})

describe('the names to answer to', { concurrency: 3 }, () => {
  const statusFor = async (port: number, host: string) => {
    const socket = await openSocket(port)
    socket.write(`DELETE /data/x HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`)
    return Number(/ (\d+)/.exec(await readUntil(socket, /\r\n\r\n/))?.[1])
  }

  for (const [settings, stranger] of [
    [{}, 421],
    [{ HOST: '127.0.0.1' }, 421],
    [{ HOST: '127.1' }, 421],
    [{ HOST: '0.0.0.0' }, 404],
    [{ HOST: '0.0.0.0', ALLOWED_HOSTS: 'mine.example' }, 421],
    [{ ALLOWED_HOSTS: 'mine.example' }, 421],
    [{ ALLOWED_HOSTS: '*' }, 404],
  ] as const) {
    const set = Object.entries(settings).map((pair) => pair.join('='))
    it(`are ${stranger === 421 ? 'its own' : 'all'}: ${set.join(' ') || 'no setting'}`, async () => {
      const { port, signal, exited } = await start(settings)
      assert.equal(await statusFor(port, 'evil.example'), stranger)
      assert.equal(await statusFor(port, 'localhost'), 404)
      assert.equal(await statusFor(port, '127.0.0.1'), 404)
      if ('ALLOWED_HOSTS' in settings) assert.equal(await statusFor(port, 'mine.example'), 404)
      signal('SIGTERM')
      assert.equal(await exited, 0)
    })
  }
})
