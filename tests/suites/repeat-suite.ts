// A POST may be repeated: over cut connections, by many at once, on two processes; the same for every store.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { type Client, client } from '../support/client.ts'
import { openSocket } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { startProcess } from '../support/service-process.ts'
import { type Cut, type CuttingProxy, startCuttingProxy } from '../support/tcp-proxy.ts'

export interface RepeatOptions {
  /** Opens a store that is empty. */
  readonly open: () => Promise<DocumentStore>
  /** The settings of processes that share one store, which is empty too. */
  readonly settings: () => Promise<Readonly<Record<string, string>>>
}

const ndjson = { 'content-type': 'application/x-ndjson' }
const ignore = { prefer: 'resolution=ignore-duplicates' }
const newKey = () => ({ 'idempotency-key': `"${randomUUID()}"` })

interface Form {
  readonly name: string
  readonly documents: number
  /** New for each of the requests that are not repetitions of each other. */
  readonly make: () => { headers: Record<string, string>; body: string }
  readonly answers: RegExp
}

// More than a batch of the service, so that a cut leaves some of them stored.
const lines = Array.from({ length: 1500 }, (_, n) => `{"n":${n},"text":"a line of some length"}`)
const forms: Form[] = [
  {
    name: 'one document with its own _id and Prefer',
    documents: 1,
    make: () => ({ headers: ignore, body: JSON.stringify({ _id: randomUUID(), n: 1 }) }),
    answers: /^HTTP\/1\.1 20[01] /,
  },
  {
    name: 'one document under an Idempotency-Key',
    documents: 1,
    make: () => ({ headers: newKey(), body: '{"n":1}' }),
    answers: /^HTTP\/1\.1 201 .*"Data inserted"/s,
  },
  {
    name: 'an array under an Idempotency-Key',
    documents: 3,
    make: () => ({ headers: newKey(), body: '[{"n":1},{"n":1},{"n":2}]' }),
    answers: /^HTTP\/1\.1 201 .*"inserted":3/s,
  },
  {
    name: 'NDJSON under an Idempotency-Key',
    documents: lines.length,
    make: () => ({ headers: { ...newKey(), ...ndjson }, body: lines.join('\n') }),
    answers: /^HTTP\/1\.1 201 .*"inserted":1500/s,
  },
]

/** Defines the suite for a store. */
export function repeatSuite(name: string, { open, settings }: RepeatOptions): void {
  describe(`a repeated POST, on ${name}`, () => {
    let service: RunningService
    let proxy: CuttingProxy
    let api: Client
    // An empty store for each test: they count what is in it.
    beforeEach(async () => {
      service = await runService(await open())
      proxy = await startCuttingProxy(service.port)
      api = service.client
    })
    afterEach(async () => {
      await proxy.close()
      await service.close()
    })

    const count = async () => {
      const { text } = await api.get('/data', { accept: 'application/x-ndjson' })
      return text === '' ? 0 : text.trimEnd().split('\n').length
    }

    for (const { name: form, documents, make, answers } of forms) {
      it(`ends with each document once, wherever connections are cut: ${form}`, async () => {
        const length = requestText(make()).length
        const head = requestText({ ...make(), body: '' }).length
        const places: Cut[] = [
          ...[0, 20, head, Math.floor((head + length) / 2), length - 1, length].map(
            (after): Cut => ({ side: 'request', after }),
          ),
          { side: 'answer', after: 1 },
          { side: 'answer', after: 60 },
        ]
        // Each on its own, and a client that meets all of them in turn; of lines the latter alone.
        const rounds = [...(documents > 10 ? [] : places.map((cut) => [cut])), places]
        for (const [round, cuts] of rounds.entries()) {
          const text = requestText(make())
          proxy.cuts.push(...cuts)
          assert.match(await repeatUntilAnswered(proxy.port, text, cuts.length), answers)
          assert.equal(await count(), documents * (round + 1), JSON.stringify(cuts))
        }
      })
    }

    it('is answered as the first time was: one document, an array, lines', async () => {
      for (const [body, type] of [
        ['{"a":1}', {}],
        ['[{"a":1},{"a":1},{"_id":"own","a":2}]', {}],
        ['{"a":1}\n\n{"a":1}\n{"a":\n', ndjson],
      ] as const) {
        const headers = { ...newKey(), ...type }
        const first = await api.post(body, headers)
        const before = await count()
        for (const more of [{}, ignore]) {
          const again = await api.post(body, { ...headers, ...more })
          assert.equal(again.status, first.status, body)
          assert.equal(again.text, first.text)
          assert.equal(again.headers.get('location'), first.headers.get('location'))
        }
        assert.equal(await count(), before)
      }
    })

    it('inserts what the first attempt left out', async () => {
      const headers = { ...newKey(), ...ndjson }
      assert.equal((await api.post(lines.slice(0, 700).join('\n'), headers)).status, 201)
      const all = await api.post(lines.join('\n'), headers)
      assert.equal(all.status, 201)
      assert.deepEqual(all.json(), { inserted: 1500, failed: 0, errors: [] })

      const key = newKey()
      await api.post('[{"n":1}]', key)
      const array = await api.post('[{"n":1},{"n":2}]', key)
      assert.equal(array.status, 201)
      assert.equal(array.member('inserted'), 2)
    })

    it('refuses a key that was used for another document, and keeps the first', async () => {
      const key = newKey()
      const first = await api.post('{"n":1}', key)
      for (const headers of [key, { ...key, ...ignore }]) {
        const other = await api.post('{"n":2}', headers)
        assert.equal(other.status, 422)
        assert.equal(other.member('code'), 'idempotency_key_reused')
      }
      const id = String(first.member('_id'))
      assert.deepEqual((await api.get(`/data/${id}`)).json(), { _id: id, n: 1 })

      const array = await api.post('[{"n":1},{"n":2}]', key)
      assert.equal(array.status, 201)
      const some = await api.post('[{"n":1},{"n":3}]', key)
      assert.equal(some.status, 207)
      assert.deepEqual(some.member('inserted'), 1)
    })

    it('refuses it if the document has changed since, and inserts again what was removed', async () => {
      const key = newKey()
      const id = String((await api.post('{"n":1}', key)).member('_id'))
      const body = '{"n":1,"more":true}'
      const json = { 'content-type': 'application/json' }
      await api.send('PUT', `/data/${id}`, { body, headers: json })
      assert.equal((await api.post('{"n":1}', key)).member('code'), 'idempotency_key_reused')
      await api.send('DELETE', `/data/${id}`)
      const again = await api.post('{"n":1}', key)
      assert.equal(again.status, 201)
      assert.equal(again.member('_id'), id)
    })

    it('takes an equal document with an _id of the client’s own for its own, and no other', async () => {
      const key = newKey()
      const body = `{"_id":"${randomUUID()}","n":1}`
      assert.equal((await api.post(body, key)).status, 201)
      assert.equal((await api.post(body, key)).status, 201)
      assert.equal((await api.post(body)).status, 409)
      const other = body.replace(':1', ':2')
      assert.equal((await api.post(other, key)).member('code'), 'duplicate_id')
      assert.equal((await api.post(other, { ...key, ...ignore })).status, 200)
      const twice = await api.post(`[${body},${body},${other}]`, key)
      assert.equal(twice.status, 207)
      assert.equal(twice.member('inserted'), 2)
    })

    it('is another request under another key, and the same with or without quotes', async () => {
      const [one, two] = [randomUUID(), randomUUID()]
      const ids = new Set<unknown>()
      for (const key of [one, `"${one}"`, two, `"${two}"`]) {
        const { status, member } = await api.post('{"n":1}', { 'idempotency-key': key })
        assert.equal(status, 201)
        ids.add(member('_id'))
      }
      assert.equal(ids.size, 2)
    })

    it('refuses what is not a key before it reads the body', async () => {
      for (const key of [
        '',
        '""',
        'a b',
        '"a',
        'a"b',
        '"a" "b"',
        '"a";p=1',
        'ä',
        'x'.repeat(256),
      ]) {
        const answer = await api.post('no JSON', { 'idempotency-key': key })
        assert.equal(answer.status, 400, key)
        assert.equal(answer.member('code'), 'invalid_idempotency_key')
      }
      assert.equal(await count(), 0)
      const longest = { 'idempotency-key': `"${'x'.repeat(255)}"` }
      assert.equal((await api.post('{}', longest)).status, 201)
    })

    it('inserts once when 200 come at once to two processes on one store', async (t) => {
      const env = await settings()
      const services = [await startProcess(env), await startProcess(env)]
      const clients = services.map(({ base }) => client(base))
      const first = await clients[0]?.get('/data', { accept: 'application/x-ndjson' })
      assert.equal(first?.text, '')
      for (const [body, documents, headers] of [
        ['{"n":1}', 1, newKey()],
        ['[{"n":1},{"n":2},{"n":3}]', 3, newKey()],
      ] as const) {
        let repeated = 0
        const answers = await Promise.all(
          Array.from({ length: 200 }, async (_, n) => {
            for (;;) {
              const answer = await clients[n % 2]?.post(body, headers)
              if (answer?.status !== 503) return answer
              repeated++
            }
          }),
        )
        t.diagnostic(`${repeated} repeated after a 503`)
        assert.deepEqual([...new Set(answers.map((answer) => answer?.status))], [201])
        assert.equal(new Set(answers.map((answer) => answer?.text)).size, 1)
        const { text } = (await clients[1]?.get('/data', { accept: 'application/x-ndjson' })) ?? {}
        assert.equal(text?.trimEnd().split('\n').length, documents === 1 ? 1 : 4)
      }
      for (const service of services) service.signal('SIGTERM')
      for (const service of services) assert.equal(await service.exited, 0)
    })
  })
}

function requestText(request: { headers: Record<string, string>; body: string }): string {
  const headers = { 'content-type': 'application/json', ...request.headers }
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = `Content-Length: ${Buffer.byteLength(request.body)}\r\n`
  return `POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields.join('')}${length}\r\n${request.body}`
}

/** Sends the request again over a new connection until an answer is whole, at most `cuts` times more. */
async function repeatUntilAnswered(port: number, text: string, cuts: number): Promise<string> {
  for (let attempt = 0; attempt <= cuts; attempt++) {
    const answer = await answerTo(port, text)
    if (isWhole(answer)) {
      assert.equal(attempt, cuts, 'a connection was not cut')
      return answer
    }
  }
  throw new Error('no answer')
}

async function answerTo(port: number, text: string): Promise<string> {
  const socket = await openSocket(port)
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
  })
  socket.on('error', () => {})
  socket.write(text)
  await new Promise((resolve) => socket.once('close', resolve))
  return received
}

function isWhole(answer: string): boolean {
  const [, length, body] = /content-length: (\d+)\r\n.*?\r\n\r\n(.*)/is.exec(answer) ?? []
  return body !== undefined && Buffer.byteLength(body) === Number(length)
}
