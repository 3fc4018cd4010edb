// What can go wrong with an export or an import, and what a person reads then.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ndjson } from '../../src/documents/ndjson.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { runToEnd } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
const newFile = (text?: string | Uint8Array): string => {
  const file = join(folder, `${++files}.ndjson`)
  if (text !== undefined) writeFileSync(file, text)
  return file
}
// biome-ignore format: by kind, some in a line
const command = (script: string, ...args: readonly string[]) => [
  process.execPath,
  `backup/${script}.ts`, ...args,
]
const run = (script: string, args: readonly string[], settings = {}) =>
  runToEnd(settings, command(script, ...args))

/** Another server on a port of its own. */
async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

const unavailable: RequestListener = (_, response) => {
  response.writeHead(503, { 'retry-after': '0', 'content-type': 'application/problem+json' })
  response.end('{"code":"store_unavailable","detail":"Not yet."}')
}

describe('export and import', { concurrency: 3 }, () => {
  let service: RunningService
  let base: string

  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'trouble.db')), { maxBody: 1 << 20 })
    base = service.client.base
    const lines = Array.from({ length: 2500 }, (_, n) => `{"_id":"n${n}"}`)
    const { status } = await service.client.post(lines.join('\n'), { 'content-type': ndjson })
    assert.equal(status, 201)
  })
  after(() => service.close())

  /** The service behind something that `meddle` may answer instead: true if it did. */
  const behind = (meddle: (...exchange: Parameters<RequestListener>) => boolean) =>
    serve(async (request, response) => {
      if (meddle(request, response)) return
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { method = '', headers, url } = request
      const answer = await fetch(`${base}${url}`, {
        method,
        headers: {
          accept: headers.accept ?? '*/*',
          'content-type': headers['content-type'] ?? ndjson,
          prefer: String(headers.prefer ?? ''),
        },
        ...(method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
      })
      const link = answer.headers.get('link')
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? '',
        ...(link === null ? {} : { link }),
      })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })

  it('wait for a service that answers 503 at first, and no longer than --wait says', async () => {
    let left = 3
    const slow = await behind((request, response) => {
      if (left-- <= 0) return false
      unavailable(request, response)
      return true
    })
    const file = newFile()
    assert.equal((await run('export', [file, '--url', slow])).code, 0)
    left = 3
    assert.equal((await run('import', [file, '--url', slow])).code, 0)
    const never = await serve(unavailable)
    const { code, stderr } = await run('import', [file, '--url', never, '--wait', '0'])
    assert.equal(code, 1)
    assert.match(stderr, /answered 503 store_unavailable: Not yet/)
  })

  it('ask for batches by key, smaller ones after a failure, and write each document once', async () => {
    const asked: string[] = []
    const cutting = await behind((request, response) => {
      asked.push(request.url ?? '')
      if (asked.length === 1) return false
      if (asked.length % 2 === 1) return false
      // A batch that is cut in its third line.
      response.writeHead(200, { 'content-type': ndjson })
      const after = new URL(request.url ?? '', base).searchParams.get('after')
      void fetch(`${base}/data?limit=3&after=${after}`, { headers: { accept: ndjson } })
        .then((answer) => answer.text())
        .then((text) => response.write(text.slice(0, -5), () => response.destroy()))
      return true
    })
    const file = newFile()
    const { code, stderr } = await run('export', [file, '--url', cutting])
    assert.equal(code, 0, stderr)
    const all = await service.client.get('/data', { accept: ndjson })
    assert.ok(readFileSync(file, 'utf8') === all.text)
    assert.match(asked[0] ?? '', /^\/data\?limit=1000$/)
    assert.match(asked[1] ?? '', /^\/data\?limit=2000&after=n/)
    assert.equal(asked[2], asked[1]?.replace('2000', '1000'))
  })

  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`say what is there and leave nothing half done: ${signal}`, async () => {
      let requests = 0
      const stuck = await behind(() => ++requests > 1)
      const lines = Array.from({ length: 5000 }, (_, n) => `{"_id":"n${n % 2500}"}\n`).join('')
      for (const [script, words] of [
        ['export', /: 1000 documents were read; there is no file\. Run it again\./],
        ['import', /: 2000 documents are done\. To go on, import the file again/],
      ] as const) {
        requests = 0
        const target = join(folder, `${signal}-${script}`)
        if (script === 'import') writeFileSync(target, lines)
        const [program = '', ...args] = command(script, target, '--url', stuck)
        const child = spawn(program, args)
        let stderr = ''
        child.stderr.on('data', (chunk) => (stderr += chunk))
        const closed = once(child, 'close')
        while (requests < 2) await new Promise((resolve) => setTimeout(resolve, 20))
        child.kill(signal)
        const [code] = await closed
        assert.equal(code, exit, stderr)
        assert.match(stderr, words)
        assert.ok(stderr.includes(`${script}: ${signal}: `))
        assert.deepEqual(existsSync(target), script === 'import')
      }
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith(signal) && name.endsWith('.part')),
        [],
      )
    })
  }

  it('name a file that is of another kind, and write nothing', async () => {
    const array = '[{"_id":"never"},\n{"_id":"never"}]\n'
    for (const [text, words] of [
      [array, /is a JSON array, and an import reads one document per line: jq -c '\.\[\]'/],
      [`\n  ${array}`, /is a JSON array/],
      ['{\n  "_id": "never"\n}\n', /has documents of several lines.*: jq -c \./],
      [
        gzipSync('{"_id":"never"}\n'),
        /is compressed: gunzip -c .* \| npm run --silent import -- -/,
      ],
      [Buffer.from('\ufeff{"_id":"never"}\n', 'utf16le'), /is UTF-16, and JSON is UTF-8/],
    ] as const) {
      const { code, stderr } = await run('import', [newFile(text), '--url', base])
      assert.equal(code, 2, stderr)
      assert.match(stderr, words)
    }
    const missing = await run('import', [join(folder, 'missing'), '--url', base])
    assert.equal(missing.code, 2)
    assert.match(missing.stderr, /missing cannot be read \(ENOENT/)
    const directory = await run('import', [folder, '--url', base])
    assert.equal(directory.code, 2)
    assert.match(directory.stderr, /cannot be read \(EISDIR/)
    assert.equal((await service.client.get('/data/never')).status, 404)
  })

  it('take a byte order mark, any line end and empty lines', async () => {
    const file = newFile('\ufeff\r\n{"_id":"n1"}\r\n\r\n \t\n{"_id":"n2"}')
    const { code, stderr } = await run('import', [file, '--url', base])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /2 documents: 0 are new, 2 were there already/)
    const empty = await run('import', [newFile(''), '--url', base])
    assert.equal(empty.code, 0)
    assert.match(empty.stderr, /0 documents: 0 are new/)
  })

  it('say which MAX_BODY a long line needs', async () => {
    const source = await runService(openSqliteStore(join(folder, 'large.db')))
    after(() => source.close())
    const text = 'x'.repeat(2 << 20)
    const lines = `{"_id":"small"}\n{"_id":"large","text":"${text}"}\n{"_id":"n0"}\n`
    await source.client.post(lines, { 'content-type': ndjson })
    const file = newFile()
    const out = await run('export', [file, '--url', source.client.base])
    assert.equal(out.code, 0)
    assert.match(out.stderr, /The longest line has 2097177 bytes: .* MAX_BODY=3MiB or more/)

    // Not the one beside which other exports are compared.
    const target = await runService(openSqliteStore(join(folder, 'small.db')), { maxBody: 1 << 20 })
    after(() => target.close())
    await target.client.post('{"_id":"n0"}')
    const { code, stderr } = await run('import', [file, '--url', target.client.base])
    assert.equal(code, 3)
    assert.match(stderr, /^line 1: it has 2097177 bytes, more than the service takes$/m)
    assert.match(stderr, /3 documents: 1 are new, 1 were there already, 1 were refused/)
    assert.match(stderr, /import: start the service with MAX_BODY=3MiB and import the file again/)
  })

  it('make a file that its owner alone may read, and never write over another', async () => {
    const file = newFile()
    assert.equal((await run('export', [file, '--url', base])).code, 0)
    assert.equal(statSync(file).mode & 0o777, 0o600)

    const open = newFile('old')
    chmodSync(open, 0o644)
    assert.equal((await run('export', [open, '--url', base])).code, 2)
    assert.equal(readFileSync(open, 'utf8'), 'old')
    assert.equal(statSync(open).mode & 0o777, 0o644)

    const taken = newFile()
    writeFileSync(`${taken}.part`, 'of another export')
    const { code, stderr } = await run('export', [taken, '--url', base])
    assert.equal(code, 2)
    assert.match(stderr, /\.part is there: another export writes it, or one was killed/)
    assert.equal(readFileSync(`${taken}.part`, 'utf8'), 'of another export')

    for (const target of [join(folder, 'no', 'such'), join(file, 'below')]) {
      const nowhere = await run('export', [target, '--url', base])
      assert.equal(nowhere.code, 2)
      assert.match(nowhere.stderr, /cannot be written \(E(?:NOENT|NOTDIR)/)
    }
    mkdirSync(join(folder, 'there'))
    assert.equal((await run('export', [join(folder, 'there'), '--url', base])).code, 2)
  })

  it('say that standard output did not take all of it', {
    skip: !existsSync('/dev/full'),
  }, async () => {
    const [program = '', ...args] = command('export', '-', '--url', base)
    const child = spawn(program, args, { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] })
    let stderr = ''
    child.stderr?.on('data', (chunk) => (stderr += chunk))
    const [code] = await once(child, 'close')
    assert.equal(code, 1, stderr)
    assert.match(stderr, /^export: ENOSPC: no space left on device/)
    assert.match(stderr, /what was written is not whole/)
  })

  it('take nothing else for the service', async () => {
    const file = newFile('{"_id":"n1"}\n')
    const elsewhere = await serve((_, response) => {
      response.writeHead(301, { location: 'https://example.invalid/data' }).end()
    })
    const other = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello</p>\n')
    })
    for (const [script, target] of [
      ['import', file],
      ['export', newFile()],
    ] as const) {
      const redirected = await run(script, [target, '--url', elsewhere])
      assert.equal(redirected.code, 1)
      assert.match(redirected.stderr, /leads elsewhere \(301\): --url https:\/\/example\.invalid/)
      const html = await run(script, [target, '--url', other])
      assert.equal(html.code, 1, html.stderr)
    }
  })

  it('say what is wrong with the URL or the token', async () => {
    for (const [url, words] of [
      ['localhost:5000', /--url is http:\/\/HOST:PORT, not "localhost:5000"/],
      ['http://me:secret@localhost:5000', /--url has a user or a password/],
      ['http://localhost:5000/?a=b', /--url has a query/],
    ] as const) {
      const { code, stderr } = await run('export', [newFile(), '--url', url])
      assert.equal(code, 2)
      assert.match(stderr, words)
      assert.doesNotMatch(stderr, /secret/)
    }
    const { code, stderr } = await run('export', [newFile()], { API_TOKEN: 'a token\n' })
    assert.equal(code, 2)
    assert.match(stderr, /API_TOKEN has a character that no token has/)
    const tls = base.replace('http:', 'https:')
    const wrong = await run('export', [newFile(), '--url', tls])
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, /no connection by TLS/)
  })
})
