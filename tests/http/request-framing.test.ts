// A request is acted upon when it is whole, framed as HTTP asks, and says nothing that nobody knows.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openSocket, rawRequest, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const type = 'Content-Type: application/json'

describe('a request that is not whole', { timeout: 60_000, concurrency: 9 }, () => {
  let service: RunningService
  before(async () => {
    const store = openSqliteStore(join(temporaryFolder(), 'framing.db'))
    service = await runService(store, { bodyGrace: 300 })
  })
  after(() => service.close())

  const stored = async (id: string) => (await service.client.get(`/data/${id}`)).status === 200
  const put = (id: string) =>
    service.client.send('PUT', `/data/${id}`, {
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
  const statusOf = (text: string) => text.slice(9, 12)

  const broken: Readonly<Record<string, readonly [status: string, rest: string]>> = {
    'with a transfer coding that nobody knows': ['400', 'Transfer-Encoding: blegh\r\n\r\n'],
    'with a coding before chunked': ['400', 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    'with an invalid chunk size': ['400', 'Transfer-Encoding: chunked\r\n\r\nZ\r\n'],
    'with a chunk that never ends': ['408', 'Transfer-Encoding: chunked\r\n\r\n5\r\nab'],
    'with 3 bytes of 50': ['408', 'Content-Length: 50\r\n\r\nabc'],
    'with a body that it announces and does not send': [
      '408',
      'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n',
    ],
    'with a body of 70,000 bytes': ['413', `Content-Length: 70000\r\n\r\n${'x'.repeat(70_000)}`],
    'with more than 100 header fields': [
      '431',
      `${Array.from({ length: 100 }, (_, n) => `X${n}: 1\r\n`).join('')}\r\n`,
    ],
    'with two lengths': ['400', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    'with a length and chunks': [
      '400',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  }
  for (const [name, [status, rest]] of Object.entries(broken)) {
    it(`removes nothing: DELETE ${name}`, async () => {
      const id = encodeURIComponent(name)
      await put(id)
      const head = `DELETE /data/${id} HTTP/1.1\r\nHost: x\r\n`
      const socket = await openSocket(service.port)
      socket.write(head + rest)
      const text = await readUntil(socket, /\}\n$/)
      socket.destroy()
      assert.equal(statusOf(text.replace(/^HTTP\/1\.1 100.*\r\n\r\n/, '')), status, text)
      assert.equal(await stored(id), true)
    })
  }

  it('removes nothing if the client leaves before its body is whole', async () => {
    await put('left')
    const socket = await openSocket(service.port)
    socket.write('DELETE /data/left HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc')
    await new Promise((resolve) => socket.once('close', resolve).destroy())
    while (!/"status":499/.test(service.logged.join(''))) await new Promise(setImmediate)
    assert.equal(await stored('left'), true)
  })

  it('reads a body that it has no use for, and goes on with the next request', async () => {
    await put('used')
    const first = 'DELETE /data/used HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc'
    const second = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    const text = await rawRequest(service.port, first + second)
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 204', 'HTTP/1.1 200'])
    assert.equal(await stored('used'), false)
  })
})

describe('NDJSON that is framed wrongly', { timeout: 60_000 }, () => {
  it('keeps the lines before the fault, and says how many', async () => {
    const service = await runService(openSqliteStore(join(temporaryFolder(), 'lines.db')))
    try {
      const lines = `${JSON.stringify({ text: 'x'.repeat(1000) })}\n`.repeat(1500)
      const head = 'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n'
      const socket = await openSocket(service.port)
      const chunk = `${lines.length.toString(16)}\r\n${lines}\r\n`
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}Z\r\n`)
      const text = await readUntil(socket, /\}\n$/)
      assert.match(text, /^HTTP\/1\.1 400 .*"code":"bad_request".*"inserted":[1-9]/s)
      const [, inserted] = /"inserted":(\d+)/.exec(text) ?? []
      const { length } = (await service.client.get('/data')).text.trim().split('\n')
      assert.equal(length, Number(inserted))
    } finally {
      await service.close()
    }
  })
})

describe('a body whose media type nobody chose', { timeout: 60_000 }, () => {
  it('is refused with what to add for curl and for PowerShell', async () => {
    const service = await runService(openSqliteStore(join(temporaryFolder(), 'types.db')))
    try {
      const types = ['', 'Content-Type: application/x-www-form-urlencoded\r\n']
      for (const header of types) {
        const head = `POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}`
        const text = await rawRequest(service.port, `${head}Content-Length: 2\r\n\r\n{}`)
        assert.match(text, /^HTTP\/1\.1 415 .*curl: -H .*PowerShell: -ContentType/s)
      }
    } finally {
      await service.close()
    }
  })
})

describe('a request that means two things', { timeout: 60_000 }, () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(temporaryFolder(), 'doubtful.db')))
    await service.client.post('{"_id":"x"}')
  })
  after(() => service.close())

  const refused: Readonly<Record<string, string>> = {
    'two Host headers': 'DELETE /data/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'two Host headers in other letters': 'DELETE /data/x HTTP/1.1\r\nhost: a\r\nHOST: a\r\n\r\n',
    'a Host with a path and a user': 'DELETE /data/x HTTP/1.1\r\nHost: a b/c?d@e\r\n\r\n',
    'a Host with an invalid port': 'DELETE /data/x HTTP/1.1\r\nHost: a:b\r\n\r\n',
    'two Content-Types': `PUT /data/x HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n{"new":1}`,
    'a part of a document': `PUT /data/x HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Range: bytes 0-8/90\r\nContent-Length: 9\r\n\r\n{"new":1}`,
  }
  for (const [name, request] of Object.entries(refused)) {
    it(`is refused: ${name}`, async () => {
      const socket = await openSocket(service.port)
      socket.write(request)
      const text = await readUntil(socket, /\}\n$/)
      assert.match(text, /^HTTP\/1\.1 400 .*"code":"bad_request"/s)
      socket.destroy()
      assert.equal((await service.client.get('/data/x')).text, '{"_id":"x"}\n')
    })
  }

  const hosts = ['localhost', 'LOCALHOST:5000', '127.0.0.1:80', '[::1]', '[::1]:5000', 'a-b.c_d.:1']
  for (const host of hosts) {
    it(`takes the Host ${host}`, async () => {
      const request = `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      assert.match(await rawRequest(service.port, request), /^HTTP\/1\.1 200 /)
    })
  }

  for (const [method, path, name] of [
    ['DELETE', '/data/x?dryrun=true', 'dryrun'],
    ['GET', '/data?limt=1', 'limt'],
    ['GET', '/data/x?_=1', '_'],
    ['POST', '/data?upsert', 'upsert'],
    ['PUT', '/data/x?a&a', 'a'],
    ['GET', '/livez?x=', 'x'],
    ['GET', '/metrics?x=1', 'x'],
    ['GET', '/openapi.json?x=1', 'x'],
    ['GET', '/?utm_source=mail', 'utm_source'],
    ['GET', `/data?${'x'.repeat(5000)}`, `${'x'.repeat(100)}"...`],
  ] as const) {
    it(`is refused with the name of the parameter: ${method} ${path.slice(0, 40)}`, async () => {
      const body = method === 'PUT' || method === 'POST' ? { body: '{"new":1}' } : {}
      const headers = { 'content-type': 'application/json' }
      const answer = await service.client.send(method, path, { ...body, headers })
      assert.equal(answer.status, 400)
      assert.equal(answer.member('code'), 'invalid_query')
      assert.ok(String(answer.member('detail')).includes(`"${name}`), answer.text)
      assert.ok(answer.text.length < 600)
      assert.equal((await service.client.get('/data')).text, '[{"_id":"x"}]\n')
    })
  }

  it('is refused if a parameter comes twice', async () => {
    const answer = await service.client.get('/data?limit=1&limit=2')
    assert.equal(answer.status, 400)
    assert.match(String(answer.member('detail')), /limit comes twice/)
  })

  it('gets a hint if its path is nearly one of ours', async () => {
    for (const path of ['/data/', '/Data', '/data//']) {
      const answer = await service.client.get(path)
      assert.equal(answer.status, 404)
      assert.match(String(answer.member('detail')), /Did you mean \/data\?/)
    }
    assert.doesNotMatch((await service.client.get('/none/')).text, /Did you mean/)
  })

  it('is answered if it is CONNECT, and the connection is closed', async () => {
    const connect = 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'
    const alone = await rawRequest(service.port, connect)
    assert.match(alone, /^HTTP\/1\.1 405 .*\r\nAllow: .*not a proxy/s)
    const later = await rawRequest(service.port, `GET /livez HTTP/1.1\r\nHost: x\r\n\r\n${connect}`)
    assert.match(later, /^HTTP\/1\.1 200 /)
  })

  for (const [name, leave] of [
    ['its client closes', (socket: Socket) => socket.end()],
    ['its client stays', () => {}],
  ] as const) {
    it(`leaves no connection behind if it is CONNECT with more after it, and ${name}`, async () => {
      const connections = async () =>
        /^http_connections (\d+)$/m.exec((await service.client.get('/metrics')).text)?.[1]
      const before = await connections()
      // One that leaves its half open until it closes it.
      const socket = connect({ port: service.port, host: '127.0.0.1', allowHalfOpen: true })
      socket.on('error', () => {})
      socket.write(`CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n${'x'.repeat(100_000)}`)
      await once(socket, 'readable')
      assert.match(String(socket.read()), /^HTTP\/1\.1 405 /)
      leave(socket)
      while ((await connections()) !== before) await sleep(20)
      socket.destroy()
    })
  }
})

describe('a client that has closed its half of the connection', { timeout: 60_000 }, () => {
  it('gets its answers, also those for which the handler waits', async () => {
    const service = await runService(openSqliteStore(join(temporaryFolder(), 'half.db')))
    try {
      await service.client.post(JSON.stringify({ _id: 'a', text: 'x'.repeat(3000) }))
      const page = 'GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n'
      for (const request of [page, 'GET /data/a HTTP/1.1\r\nHost: x\r\n\r\n']) {
        const socket = await openSocket(service.port)
        socket.end(request.repeat(3))
        let received = ''
        socket.setEncoding('latin1')
        for await (const chunk of socket) received += String(chunk)
        assert.equal(received.match(/HTTP\/1\.1 200/g)?.length, 3, received.slice(0, 300))
      }
    } finally {
      await service.close()
    }
  })
})
