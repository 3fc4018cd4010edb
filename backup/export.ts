// npm run export: every document of a running service into a file, one a line.
import { once } from 'node:events'
import { createWriteStream, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { linesOf, ndjson } from '../src/documents/ndjson.ts'
import {
  type CommandLine,
  type ExitCode,
  exitCodes,
  runCommand,
  showProgress,
  UsageError,
} from './command-line.ts'
import { canBeImported, idOf } from './document-line.ts'
import { answerOf, reasonOf, refusal, request, ServiceAway, whileAway } from './service.ts'

const usage = `npm run export -- FILE [--url URL] [--wait SECONDS]

  FILE            a new file; - is standard output (then: npm run --silent export -- -)
  --url URL       where the service is (http://localhost:5000, or URL in the environment)
  --wait SECONDS  how long to wait for a service that goes away meanwhile (60)

API_TOKEN in the environment is sent as a bearer token.
Exit codes: 0 done, 1 failed, 2 wrong options, 3 done, but an import would refuse some documents.
`

// The largest document has 16 MiB as BSON; JSON of it with every character escaped has six times that.
const longestLine = 128 << 20
const writeBytes = 64 * 1024
const newline = Buffer.from('\n')

interface Tally {
  documents: number
  bytes: number
  /** The lines that an import would refuse, by number: the first ones. */
  readonly refused: number[]
  /** The last line that is written whole. */
  last: Uint8Array | undefined
}

/** Writes the documents. A cut connection is taken up again behind the last whole line. */
async function copyDocuments({ url, wait }: CommandLine, out: Writable): Promise<Tally> {
  const tally: Tally = { documents: 0, bytes: 0, refused: [], last: undefined }
  await whileAway(
    wait,
    () => tally.documents,
    async () => {
      const response = await request(`${url}/data${behind(tally.last)}`, {
        headers: { accept: ndjson },
      })
      if (response.status !== 200) {
        const answer = await answerOf(response)
        const words = refusal(url, answer)
        throw answer.status === 503 ? new ServiceAway(words, answer.retryAfter) : new Error(words)
      }
      await copyLines(response, tally, out)
    },
  )
  return tally
}

function behind(last: Uint8Array | undefined): string {
  if (last === undefined) return ''
  const id = idOf(last)
  if (id === undefined) {
    throw new Error('the connection was cut behind an _id that no address can name; start again')
  }
  return `?after=${encodeURIComponent(id)}`
}

async function copyLines(response: Response, tally: Tally, out: Writable): Promise<void> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  const flush = async () => {
    if (heldBytes === 0) return
    tally.bytes += heldBytes
    const more = out.write(Buffer.concat(held))
    held = []
    heldBytes = 0
    showProgress(`${tally.documents} documents`)
    if (!more) await once(out, 'drain')
  }
  try {
    for await (const { bytes } of linesOf(chunksOf(response), longestLine, () => {})) {
      const line = Buffer.from(bytes)
      held.push(line, newline)
      heldBytes += line.length + 1
      tally.documents++
      tally.last = line
      if (!canBeImported(bytes)) tally.refused.push(tally.documents)
      if (heldBytes >= writeBytes) await flush()
    }
  } finally {
    await flush()
  }
}

/** @throws ServiceAway where the body ends too early: its connection cut, or within a line */
async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
  let last: number | undefined
  try {
    for await (const chunk of body ?? []) {
      last = chunk.at(-1) ?? last
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
  } catch (error) {
    throw new ServiceAway(`the connection was cut (${reasonOf(error)})`)
  }
  if (last !== undefined && last !== 0x0a) throw new ServiceAway('the answer ended within a line')
}

// The file has its name only when it is whole and on disk.
async function exportTo(line: CommandLine): Promise<Tally> {
  if (line.file === '-') return copyDocuments(line, process.stdout)
  if (existsSync(line.file)) throw new UsageError(`${line.file} is there already; name a new file`)
  const part = `${line.file}.part`
  if (!existsSync(dirname(part))) throw new UsageError(`there is no folder ${dirname(part)}`)
  const descriptor = openSync(part, 'w')
  const out = createWriteStream(part, { fd: descriptor, autoClose: false })
  const failure = once(out, 'error').then(([error]) => {
    throw error
  })
  failure.catch(() => {})
  try {
    const tally = await Promise.race([copyDocuments(line, out), failure])
    out.end()
    await finished(out)
    fsyncSync(descriptor)
    renameSync(part, line.file)
    return tally
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

await runCommand('export', usage, async (line): Promise<ExitCode> => {
  const { documents, bytes, refused } = await exportTo(line)
  const where = line.file === '-' ? '' : ` are in ${line.file}`
  process.stderr.write(`${documents} documents, ${bytes} bytes${where}\n`)
  if (refused.length === 0) return exitCodes.done
  process.stderr.write(
    `export: an import would refuse ${refused.length} of them, first line ${refused[0]}: another program\n` +
      'wrote values that JSON lacks. mongodump keeps those.\n',
  )
  return exitCodes.part
})
