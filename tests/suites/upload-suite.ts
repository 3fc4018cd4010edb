// NDJSON over real sockets, the same for every store.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { type Client, deleteAll } from '../support/client.ts'
import { openSocket, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }

/** Defines the suite for a store. `open` opens one that is empty. */
export function uploadSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`uploads, on ${name}`, () => {
    let service: RunningService
    let api: Client
    before(async () => {
      service = await runService(await open(), { maxBody: 40 << 20 })
      api = service.client
    })
    after(() => service.close())

    it('inserts each line, with any line end and blank lines between', async () => {
      const answer = await api.post('{"_id":"l1"}\r\n\r\n  \n{"_id":"l2"}\n{"_id":"l3"}', ndjson)
      assert.equal(answer.status, 201)
      assert.deepEqual(answer.json(), { inserted: 3, failed: 0, errors: [] })
      await deleteAll(api)
    })

    it('reports what failed by its line and inserts the rest', async () => {
      const lines = [
        '{"_id":"l1"}',
        '',
        '{"a":',
        '[1]',
        '{"a":1e400}',
        '{"_id":"l1"}',
        '{"_id":"l2"}',
      ]
      const answer = await api.post(lines.join('\n'), ndjson)
      assert.equal(answer.status, 207)
      assert.equal(answer.member('inserted'), 2)
      assert.equal(answer.member('failed'), 4)
      const found = answer.items('errors').map((error) => {
        assert.ok(typeof error === 'object' && error !== null)
        return [Reflect.get(error, 'line'), Reflect.get(error, 'code')]
      })
      assert.deepEqual(found.sort(), [
        [3, 'invalid_json'],
        [4, 'not_an_object'],
        [5, 'number_not_exact'],
        [6, 'duplicate_id'],
      ])
      await deleteAll(api)
    })

    it('lists the first 100 errors and counts the rest', async () => {
      const answer = await api.post(`{"_id":"ok"}\n${'nonsense\n'.repeat(250)}`, ndjson)
      assert.equal(answer.status, 207)
      assert.equal(answer.member('failed'), 250)
      assert.equal(answer.items('errors').length, 100)
      assert.equal((await api.post('nonsense\n'.repeat(3), ndjson)).status, 400)
      assert.equal((await api.post('\n\n', ndjson)).status, 200)
      await deleteAll(api)
    })

    it('ignores duplicates if the client prefers that', async () => {
      const headers = { ...ndjson, prefer: 'resolution=ignore-duplicates' }
      assert.equal((await api.post('{"_id":"l1"}\n{"_id":"l2"}', headers)).status, 201)
      const again = await api.post('{"_id":"l1"}\n{"_id":"l2"}', headers)
      assert.equal(again.status, 200)
      assert.deepEqual(again.json(), { inserted: 0, failed: 0, errors: [] })
      await deleteAll(api)
    })

    it('reads lines that are cut anywhere between two chunks', async () => {
      const text = Buffer.from('{"_id":"ä","t":"\u{1F600}"}\n{"_id":"b"}\r\n')
      for (let cut = 1; cut < text.length; cut++) {
        const socket = await openSocket(service.port)
        const head = `POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${text.length}\r\n`
        socket.write(`${head}Content-Type: application/x-ndjson\r\n\r\n`)
        socket.write(text.subarray(0, cut))
        if (cut % 5 === 0) await sleep(2)
        socket.write(text.subarray(cut))
        const answer = await readUntil(socket, /\r\n\r\n.*\}/s)
        assert.match(answer, cut === 1 ? /^HTTP\/1\.1 201 / : /^HTTP\/1\.1 409 /, `cut at ${cut}`)
        socket.destroy()
      }
      await deleteAll(api)
    })

    it('refuses a line over the limit', async () => {
      const answer = await api.post(`{"_id":"ok"}\n{"a":"${'x'.repeat(41 << 20)}"}\n`, ndjson)
      assert.equal(answer.status, 413)
      assert.match(String(answer.member('detail')), /Line 2/)
      await deleteAll(api)
    })
  })
}
