// npm run export: every document of a running service into a file, one per line.
import { once } from 'node:events'
import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { UsageError } from '../command-line/read-options.ts'
import { linesOf, ndjson } from '../src/documents/ndjson.ts'
import { parseTyped } from '../src/query/typed-conditions.ts'
import { type CommandLine, exitCodes, type Job, runCommand, showProgress } from './command-line.ts'
import { idTextOf, settingFor, whyRefused } from './document-line.ts'
import { answerOf, reasonOf, refusal, request, ServiceAway, whileAway } from './service.ts'

const usage = `npm run export '--' FILE [--where CONDITIONS] [--url URL] [--wait SECONDS]

  FILE            a new file; - is standard output (then: npm run --silent export '--' -)
  --where CONDITIONS
                  only documents that satisfy them, with & between: 'region:eq=Europe&area:gte=1e5'
  --url URL       where the service is (http://localhost:5000, or URL or PORT in the environment)
  --wait SECONDS  how long to wait for a service that goes away meanwhile (60)

API_TOKEN in the environment is sent as a bearer token.
Exit codes: 0 done, 1 failed, 2 wrong options or file, 3 done, but an import would refuse some documents.
`

// The largest document has 16 MiB as BSON; JSON of it with every character escaped has six times that.
const longestLine = 128 << 20
const writeBytes = 64 * 1024
const newline = Buffer.from('\n')
const shownRefusals = 100

// At first a query that is short for any server. A batch may grow up to the service's limit, but has about
// this many bytes: if it is cut it is read again.
const firstBatch = 1000
const largestBatch = 10_000
const batchBytes = 16 << 20

interface Tally {
  documents: number
  bytes: number
  /** Bytes of the longest line. */
  longest: number
  refused: number
  /** What an import would say of the first ones that it refuses. */
  readonly reasons: string[]
}

/** Writes the documents in batches by key: one long query would not outlive a slow server. */
async function copyDocuments(
  { url, wait, values }: CommandLine,
  tally: Tally,
  out: Writable,
): Promise<void> {
  // Documents that are in the file already and come again, because a batch was cut.
  const written = new Set<string>()
  let limit = firstBatch
  let after: string | null = ''
  const where = conditionsOf(values.get('where'))
  const copyNext = async (): Promise<string | null> => {
    const from = after ? `&after=${encodeURIComponent(after)}` : ''
    try {
      return await copyBatch(`${url}/data?limit=${limit}${where}${from}`, written, tally, out)
    } catch (error) {
      limit = Math.ceil(limit / 2)
      throw error
    }
  }
  while (after !== null) {
    after = await whileAway(wait, () => tally.documents, copyNext)
    const fitting = Math.ceil((batchBytes * tally.documents) / Math.max(tally.bytes, 1))
    // Pages of a query may be empty.
    if (tally.documents > 0) limit = Math.max(1, Math.min(limit * 2, largestBatch, fitting))
  }
}

/**
 * The conditions as a part of an address.
 * @throws UsageError
 */
function conditionsOf(text: string | undefined): string {
  if (text === undefined) return ''
  try {
    const conditions = parseTyped(text)
    // A variable that is empty would have all documents exported.
    if (conditions.length === 0) throw new Error('it has no condition')
    return conditions
      .map(({ name, value }) => `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('')
  } catch (error) {
    throw new UsageError(`--where: ${reasonOf(error)}`)
  }
}

/** Writes what the address answers. Returns where the next batch begins, null at the end. */
async function copyBatch(
  address: string,
  written: Set<string>,
  tally: Tally,
  out: Writable,
): Promise<string | null> {
  const response = await request(address, { headers: { accept: ndjson } })
  if (response.status !== 200) throw refusal(address, await answerOf(response))
  const type = response.headers.get('content-type') ?? 'no media type'
  if (!type.startsWith(ndjson)) throw new Error(`${address} is not this service: it sends ${type}`)
  await copyLines(response, written, tally, out)
  const [, next] = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? []
  return next === undefined ? null : new URL(next, address).searchParams.get('after')
}

async function copyLines(
  response: Response,
  written: Set<string>,
  tally: Tally,
  out: Writable,
): Promise<void> {
  const batch: string[] = []
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
      const id = idTextOf(bytes)
      batch.push(id)
      if (written.delete(id)) continue
      const line = Buffer.from(bytes)
      held.push(line, newline)
      heldBytes += line.length + 1
      count(tally, line, id)
      if (heldBytes >= writeBytes) await flush()
    }
  } catch (error) {
    for (const id of batch) written.add(id)
    throw error
  } finally {
    await flush()
  }
}

function count(tally: Tally, line: Uint8Array, id: string): void {
  tally.documents++
  tally.longest = Math.max(tally.longest, line.length)
  const why = whyRefused(line)
  if (why === undefined) return
  tally.refused++
  if (tally.refused > shownRefusals) return
  tally.reasons.push(`line ${tally.documents}, _id ${id.slice(0, 100)}: ${why}`)
}

/** @throws ServiceAway if the body ends too early: its connection cut, or within a line */
async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
  let last: number | undefined
  try {
    for await (const chunk of body ?? []) {
      last = chunk.at(-1) ?? last
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
  } catch (error) {
    throw new ServiceAway(`the connection was cut (${reasonOf(error)})`, true)
  }
  if (last !== undefined && last !== 0x0a) {
    throw new ServiceAway('the answer ended within a line', true)
  }
}

/** Opens the file under its temporary name, which it has until it is complete. Only its owner may read it. */
function openPart(file: string): { part: string; descriptor: number } {
  if (existsSync(file)) throw new UsageError(`${file} is there already; name a new file`)
  const part = `${file}.part`
  if (existsSync(part)) {
    throw new UsageError(
      `${part} is there: another export writes it, or one was killed. Remove it or name another file`,
    )
  }
  try {
    return { part, descriptor: openSync(part, 'wx', 0o600) }
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${reasonOf(error)})`)
  }
}

function exportJob(line: CommandLine): Job {
  const tally: Tally = { documents: 0, bytes: 0, longest: 0, refused: 0, reasons: [] }
  let open: { part: string; descriptor: number } | undefined

  const copyTo = async (out: Writable) => {
    const failure = once(out, 'error').then(([error]) => {
      throw error
    })
    failure.catch(() => {})
    await Promise.race([copyDocuments(line, tally, out), failure])
  }
  const copyToFile = async () => {
    open = openPart(line.file)
    const { part, descriptor } = open
    const out = createWriteStream(part, { fd: descriptor, autoClose: false })
    await copyTo(out)
    out.end()
    await finished(out)
    fsyncSync(descriptor)
    renameSync(part, line.file)
    open = undefined
    closeSync(descriptor)
  }

  return {
    async run() {
      await (line.file === '-' ? copyTo(process.stdout) : copyToFile())
      const { documents, bytes, longest, refused, reasons } = tally
      const where = line.file === '-' ? '' : ` are in ${line.file}`
      process.stderr.write(`${documents} documents, ${bytes} bytes${where}\n`)
      if (longest > 1 << 20) {
        process.stderr.write(
          `The longest line has ${longest} bytes: import it into a service with ${settingFor(longest)} or more.\n`,
        )
      }
      if (refused === 0) return exitCodes.done
      process.stderr.write(
        `export: an import would refuse ${refused} of them, which another program wrote. mongodump keeps those.\n${reasons.join('\n')}\n`,
      )
      return exitCodes.part
    },
    stop() {
      const read = `${tally.documents} documents were read`
      if (line.file === '-') return `${read}; what was written is not whole. Run it again.`
      if (open) {
        closeSync(open.descriptor)
        rmSync(open.part, { force: true })
        open = undefined
      }
      return `${read}; there is no file. Run it again.`
    },
  }
}

await runCommand('export', usage, exportJob, { values: ['where'] })
