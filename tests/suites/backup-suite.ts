// npm run export and npm run import against a real service: one suite for both stores.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { countries } from '../support/countries.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { type Finished, runToEnd } from '../support/service-process.ts'
import { cutOnce } from '../support/tcp-proxy.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// What a backup could spoil: numbers, the order of keys and of documents, names, every script.
const delicate = [
  '{"_id":"b","2":1,"1":2,"a":[{},[]],"":{"":""}}',
  '{"_id":"B","big":9007199254740993,"least":-9223372036854775808,"zero":-0,"tiny":5e-324}',
  '{"_id":"ä/?#% ","many":1e+300,"tenth":0.1,"whole":100000000000000000000}',
  '{"_id":"0123456789abcdef01234567","__proto__":{"a":null},"constructor":true}',
  '{"text":"quote \\" backslash \\\\ line \\n nul \\u0000 \\ud83d\\ude00 \\u2028","$inside":"{\\"$"}',
].map((text) => text.replace(',"$inside"', ',"inside"'))

const run = (script: string, args: readonly string[], settings = {}): Promise<Finished> =>
  runToEnd(settings, [process.execPath, `backup/${script}.ts`, ...args])
const exportTo = (base: string, file: string) => run('export', [file, '--url', base])
const importFrom = (base: string, file: string) => run('import', [file, '--url', base])

/** With `-` as the file: standard input and output, byte for byte. */
async function piped(script: string, base: string, input?: Uint8Array) {
  const args = [`backup/${script}.ts`, '-', '--url', base]
  const child = spawn(process.execPath, args)
  const chunks: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  assert.equal(code, 0, stderr)
  return { stdout: Buffer.concat(chunks), stderr }
}

/** Defines the suite for a store. `open` opens one that is empty. */
export function backupSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`export and import, on ${name}`, () => {
    const folder = temporaryFolder()
    const backup = join(folder, 'backup.ndjson')
    let source: RunningService
    let target: RunningService

    before(async () => {
      source = await runService(await open())
      target = await runService(await open())
      const many = countries.map((country) => JSON.stringify(country))
      const lines = [...delicate, ...many].join('\n')
      const type = { 'content-type': 'application/x-ndjson' }
      const answer = await source.client.post(lines, type)
      assert.equal(answer.status, 201, answer.text)
    })
    after(async () => {
      await source.close()
      await target.close()
    })

    const listed = async ({ client }: RunningService) =>
      (await client.get('/data', { accept: 'application/x-ndjson' })).text

    it('writes only what satisfies conditions', async () => {
      const file = join(folder, 'some.ndjson')
      const conditions = 'region:eq=Europe&name.common:prefix=Sw'
      const args = [file, '--url', source.client.base, '--where', conditions]
      const { code, stderr } = await run('export', args)
      assert.equal(code, 0, stderr)
      const names = readFileSync(file, 'utf8').trimEnd().split('\n')
      assert.deepEqual(names.map((line) => JSON.parse(line).cca3).sort(), ['CHE', 'SWE'])
      rmSync(file)
      for (const wrong of ['region=Europe', 'region:is=Europe', '$where:eq=1']) {
        const refused = await run('export', [file, '--where', wrong])
        assert.equal(refused.code, 2, wrong)
      }
    })

    it('writes the bytes that the service sends, and nothing beside the file', async () => {
      const { code, stdout, stderr } = await exportTo(source.client.base, backup)
      assert.equal(code, 0, stderr)
      assert.equal(stdout, '')
      assert.match(stderr, /^255 documents, \d+ bytes are in /)
      assert.ok(readFileSync(backup, 'utf8') === (await listed(source)))
      for (const text of delicate.slice(0, 4)) {
        assert.ok(readFileSync(backup, 'utf8').includes(`${text}\n`), text)
      }
      assert.deepEqual(readdirSync(folder), ['backup.ndjson'])
    })

    it('brings every byte back into an empty store', async () => {
      const { code, stderr } = await importFrom(target.client.base, backup)
      assert.equal(code, 0, stderr)
      assert.match(stderr, /255 documents: 255 are new, 0 were there already, 0 were refused/)
      const again = join(folder, 'again.ndjson')
      await exportTo(target.client.base, again)
      assert.ok(readFileSync(again).equals(readFileSync(backup)))
    })

    it('changes nothing the second time', async () => {
      const before = await listed(target)
      const { code, stderr } = await importFrom(`${target.client.base}/`, backup)
      assert.equal(code, 0, stderr)
      assert.match(stderr, /0 are new, 255 were there already, 0 were refused/)
      assert.ok((await listed(target)) === before)
    })

    it('gives each document its entity tag back, and a POST that is repeated its answer', async (t) => {
      const service = await runService(await open())
      t.after(() => service.close())
      const { client } = service
      const key = { 'idempotency-key': 'of-a-price' }
      const first = await client.post('{"price":1.0}', key)
      assert.equal(first.status, 201)
      const path = first.headers.get('location') ?? ''
      const etag = (await client.get(path)).headers.get('etag')
      const file = join(folder, 'price.ndjson')
      assert.equal((await exportTo(client.base, file)).code, 0)
      assert.equal((await client.send('DELETE', path)).status, 204)
      assert.equal((await importFrom(client.base, file)).code, 0)
      assert.equal((await client.get(path)).headers.get('etag'), etag)
      const again = await client.post('{"price":1.0}', key)
      assert.deepEqual([again.status, again.text], [201, first.text])
    })

    it('works through a pipe', async () => {
      const out = await piped('export', target.client.base)
      assert.ok(out.stdout.equals(readFileSync(backup)))
      const into = await piped('import', target.client.base, out.stdout)
      assert.match(into.stderr, /255 were there already/)
    })

    it('goes on after the last whole document when it was cut off', async () => {
      const proxy = await cutOnce(source.port, 200_000)
      after(() => proxy.close())
      const file = join(folder, 'cut.ndjson')
      const { code, stderr } = await exportTo(proxy.base, file)
      assert.equal(code, 0, stderr)
      assert.ok(proxy.cut)
      assert.ok(readFileSync(file).equals(readFileSync(backup)))
    })

    it('names each line that cannot be kept, and takes all the others', async () => {
      const file = join(folder, 'mixed.ndjson')
      const bad = ['{"_id":"x","a":1e400}', '{"_id":"y",}', '{"a":1}', '{"_id":7}', '[]']
      writeFileSync(file, ['{"_id":"m1"}', '', ...bad, '{"_id":"m2"}', ''].join('\r\n'))
      const { code, stderr } = await importFrom(target.client.base, file)
      assert.equal(code, 3)
      assert.match(stderr, /^line 3: number_not_exact: At \/a: 1e400 /m)
      assert.match(stderr, /^line 4: invalid_json: Line 4, column 12: remove the comma before }/m)
      assert.match(stderr, /^line 5: it has no _id/m)
      assert.match(stderr, /^line 6: it has no _id/m)
      assert.match(stderr, /^line 7: not_an_object/m)
      assert.match(stderr, /7 documents: 2 are new, 0 were there already, 5 were refused/)
      assert.equal((await target.client.get('/data/m2')).status, 200)
    })

    it('counts more refused lines than the service names', async () => {
      const file = join(folder, 'refused.ndjson')
      const lines = Array.from(
        { length: 350 },
        (_, n) => `{"_id":"r${n}","a":${n % 2 ? 1 : '1e400'}}`,
      )
      writeFileSync(file, lines.join('\n'))
      const { code, stderr } = await importFrom(target.client.base, file)
      assert.equal(code, 3)
      assert.match(stderr, /350 documents: 175 are new, 0 were there already, 175 were refused/)
      assert.equal(stderr.match(/^line \d+: number_not_exact/gm)?.length, 100)
    })

    it('refuses to write over a file, and leaves none behind if it fails', async () => {
      const there = await exportTo(source.client.base, backup)
      assert.equal(there.code, 2)
      assert.match(there.stderr, /backup\.ndjson is there already; name a new file/)
      const nobody = `http://127.0.0.1:${await freePort()}`
      const none = join(folder, 'none.ndjson')
      for (const script of ['export', 'import']) {
        const file = script === 'export' ? none : backup
        const { code, stderr } = await run(script, [file, '--url', nobody])
        assert.equal(code, 1)
        assert.match(stderr, /nothing answers at http:\/\/127\.0\.0\.1:\d+\/data.*Is it running\?/)
      }
      assert.equal(existsSync(none) || existsSync(`${none}.part`), false)
    })

    it('says which option is wrong', async () => {
      for (const [args, words] of [
        [[], /no FILE is named/],
        [['a', 'b'], /one FILE, and not also b/],
        [['a', '--to', 'b'], /--to: unknown/],
        [['a', '--ulr', 'b'], /--ulr: unknown\. Is --url meant\?/],
        [['a', '--url', 'localhost:5000'], /--url is http:\/\/HOST:PORT, not "localhost:5000"/],
        [['a', '--wait', 'long'], /--wait is a number of seconds, not long/],
      ] as const) {
        for (const script of ['export', 'import']) {
          const { code, stderr } = await run(script, args)
          assert.equal(code, 2, stderr)
          assert.match(stderr, words)
        }
      }
      const empty = await run('export', ['a', '--where', ''])
      assert.equal(empty.code, 2)
      assert.match(empty.stderr, /--where: it has no condition/)
      const missing = await importFrom(target.client.base, join(folder, 'missing.ndjson'))
      assert.equal(missing.code, 2)
      assert.match(missing.stderr, /missing\.ndjson cannot be read \(ENOENT/)
    })
  })
}
