// npm run import: every document of a file into a running service. Repeating it changes nothing.
import { UsageError } from '../command-line/read-options.ts'
import { ndjson } from '../src/documents/ndjson.ts'
import { type CommandLine, exitCodes, type Job, runCommand, showProgress } from './command-line.ts'
import { idOf, settingFor } from './document-line.ts'
import { documentsOf, type SourceOptions } from './document-source.ts'
import { answerOf, refusal, request, ServiceAway, whileAway } from './service.ts'

const usage = `npm run import '--' FILE [--extended-json | --csv [--types] [--id COLUMN]] [--url URL] [--wait SECONDS]

  FILE            one JSON document per line, each with an _id; - is standard input
  --extended-json what mongoexport, bsondump and an export of other programs' documents wrote: ids become ids,
                  numbers numbers, dates and decimals texts; one per line, over several lines, or one array
  --csv           a line with names, then one document per line; all fields are texts
  --types         with --csv: numbers, true, false and null are what they look like
  --id COLUMN     with --csv: the column that is the _id (_id)
  --url URL       where the service is (http://localhost:5000, or URL or PORT in the environment)
  --wait SECONDS  how long to wait for a service that goes away meanwhile (60)

A document whose _id is there already stays as it is there.
API_TOKEN in the environment is sent as a bearer token.
Exit codes: 0 done, 1 failed (it can be repeated), 2 wrong options or file, 3 done without some lines.
`

// The size of a request: small enough to repeat after a cut, large enough to save round trips.
const batchLines = 2000
const batchBytes = 1 << 20
const shownRefusals = 100
const newline = Buffer.from('\n')

interface Line {
  readonly number: number
  readonly bytes: Uint8Array
}

interface Tally {
  lines: number
  inserted: number
  refused: number
  /** The lines whose result is known. */
  done: number
  /** Bytes of the longest line that the service found too long. */
  tooLong: number
  /** How many values became another type, by kind. */
  readonly changed: Map<string, number>
}

async function importFrom(line: CommandLine, tally: Tally): Promise<void> {
  const { url, wait } = line
  let batch: Line[] = []
  let bytes = 0
  const put = async () => {
    if (batch.length > 0) {
      await whileAway(
        wait,
        () => tally.done,
        () => send(url, batch, tally),
      )
    }
    tally.done = tally.lines
    batch = []
    bytes = 0
    showProgress(`${tally.lines} lines`)
  }

  for await (const { number, bytes: json, why: fault } of documentsOf(
    sourceOf(line),
    tally.changed,
  )) {
    if (json === undefined) refuse(tally, number, fault)
    else if (hasNoId(json)) {
      const why = 'it has no _id that is a text; a second import would add it once more'
      refuse(tally, number, why)
    } else {
      batch.push({ number, bytes: Buffer.from(json) })
      bytes += json.length + 1
    }
    tally.lines++
    if (batch.length >= batchLines || bytes >= batchBytes) await put()
  }
  await put()
}

/** @throws UsageError */
function sourceOf({ file, flags, values }: CommandLine): SourceOptions {
  const isCsv = flags.has('csv')
  if (isCsv && flags.has('extended-json')) {
    throw new UsageError('a file is --csv or --extended-json, not both')
  }
  if (!isCsv && (flags.has('types') || values.has('id'))) {
    throw new UsageError('--types and --id are for --csv')
  }
  const kind = isCsv ? 'csv' : flags.has('extended-json') ? 'extended' : 'lines'
  return { file, kind, types: flags.has('types'), id: values.get('id') ?? '_id' }
}

// Text that is not JSON goes to the service, which says where the fault is.
const hasNoId = (bytes: Uint8Array): boolean => typeof idOf(bytes) !== 'string' && isObject(bytes)

function isObject(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** Sends the lines in one request and counts what became of them. */
async function send(url: string, batch: readonly Line[], tally: Tally): Promise<void> {
  const body = Buffer.concat(batch.flatMap(({ bytes }) => [bytes, newline]))
  const headers = { 'content-type': ndjson, prefer: 'resolution=ignore-duplicates' }
  const response = await request(`${url}/data`, { method: 'POST', headers, body })
  const answer = await answerOf(response)
  const { status, members } = answer
  const counted = typeof members.inserted === 'number' && typeof members.failed === 'number'
  if (counted && (status < 300 || (status < 500 && members.failed === batch.length))) {
    tally.inserted += count(members.inserted)
    const errors: unknown[] = Array.isArray(members.errors) ? members.errors : []
    if (errors.length === count(members.failed)) return reportRefused(errors, batch, tally)
    // The answer names the first hundred faults: with fewer lines in a request it names them all.
    return sendHalves(url, batch, tally)
  }
  if (status !== 413) {
    const error = refusal(url, answer)
    // What was inserted before counts; the rest is sent again, and duplicates are ignored.
    if (error instanceof ServiceAway) tally.inserted += count(members.inserted)
    throw error
  }
  // A line is too long, and what follows it was not read.
  const [only] = batch
  if (batch.length > 1 || only === undefined) return sendHalves(url, batch, tally)
  const { length } = only.bytes
  tally.tooLong = Math.max(tally.tooLong, length)
  refuse(tally, only.number, `it has ${length} bytes, more than the service takes`)
}

async function sendHalves(url: string, batch: readonly Line[], tally: Tally): Promise<void> {
  const middle = batch.length >> 1
  await send(url, batch.slice(0, middle), tally)
  await send(url, batch.slice(middle), tally)
}

function reportRefused(errors: readonly unknown[], batch: readonly Line[], tally: Tally): void {
  for (const error of errors) {
    const { line, code, detail } = Object(error)
    const number = batch[line - 1]?.number ?? 0
    // A syntax error names the line of the request; a person needs the line of the file.
    const words = String(detail).replace(/(?<=^Line |at line )\d+(?=, column)/, String(number))
    refuse(tally, number, `${code}: ${words}`)
  }
}

function refuse(tally: Tally, line: number, why: string): void {
  tally.refused++
  if (tally.refused <= shownRefusals) process.stderr.write(`line ${line}: ${why}\n`)
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

function importJob(line: CommandLine): Job {
  const tally: Tally = {
    lines: 0,
    inserted: 0,
    refused: 0,
    done: 0,
    tooLong: 0,
    changed: new Map(),
  }
  return {
    async run() {
      await importFrom(line, tally)
      const { lines, inserted, refused, tooLong } = tally
      // After a cut connection some of the new ones may be counted as there already.
      const there = lines - inserted - refused
      process.stderr.write(
        `${lines} documents: ${inserted} are new, ${there} were there already, ${refused} were refused\n`,
      )
      for (const [kind, count] of tally.changed) process.stderr.write(`${count} ${kind}\n`)
      if (tooLong > 0) {
        process.stderr.write(
          `import: start the service with ${settingFor(tooLong)} and import the file again: it takes the longest line, and what is there stays.\n`,
        )
      }
      return refused > 0 ? exitCodes.part : exitCodes.done
    },
    stop: () =>
      `${tally.done} documents are done. To go on, import the file again: what is there stays.`,
  }
}

await runCommand('import', usage, importJob, {
  values: ['id'],
  flags: ['extended-json', 'csv', 'types'],
})
