// npm run sample: loads the 250 countries of the package world-countries into a running service.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { answerOf, refusal, request, ServiceAway } from '../backup/service.ts'
import { endWithUsage, readOrEnd, UsageError } from '../command-line/read-options.ts'
import { serviceAddress } from '../command-line/service-address.ts'

const usage = `npm run sample [URL]

  URL, --url URL  where the service is (http://localhost:5000, or URL or PORT in the environment)

To run it twice changes nothing. API_TOKEN in the environment is sent as a bearer token.
Exit codes: 0 done, 1 failed, 2 wrong options.
`

const batchSize = 25

interface Country {
  readonly cca3: string
  readonly name: { readonly common: string }
}

const isCountry = (value: unknown): value is Country =>
  typeof value === 'object' && value !== null && 'cca3' in value && 'name' in value

function countries(): Country[] {
  const file = createRequire(import.meta.url).resolve('world-countries/countries.json')
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return Array.isArray(parsed) ? parsed.filter(isCountry) : []
}

// The code of a country is its _id, and duplicates are ignored: loading twice changes nothing.
async function load(url: string, batch: readonly Country[]): Promise<number> {
  const response = await request(`${url}/data`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'resolution=ignore-duplicates' },
    body: JSON.stringify(batch.map((country) => ({ _id: country.cca3, ...country }))),
  })
  const answer = await answerOf(response)
  const { inserted } = answer.members
  if (answer.status < 300 && typeof inserted === 'number') return inserted
  throw refusal(`${url}/data`, answer)
}

function showProgress(done: number, all: number): void {
  const bar = '#'.repeat(Math.round((done / all) * 40)).padEnd(40, '.')
  const line = `[${bar}] ${done}/${all}`
  process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`)
}

async function loadAll(url: string): Promise<void> {
  const all = countries()
  let inserted = 0
  for (let start = 0; start < all.length; start += batchSize) {
    inserted += await load(url, all.slice(start, start + batchSize))
    showProgress(Math.min(start + batchSize, all.length), all.length)
  }
  process.stdout.write(`
${inserted} countries are new in ${url}, ${all.length - inserted} were there already. Try next:

${nextCommands(url)}`)
}

// Windows PowerShell's curl is not curl.
const nextCommands = (url: string): string =>
  process.platform === 'win32'
    ? `  Invoke-RestMethod ${url}/data/CHE                 one country
  Invoke-RestMethod '${url}/data?limit=3'           the first three
  Invoke-RestMethod ${url}/data/CHE -Method Delete  remove one
`
    : `  curl ${url}/data/CHE                      one country
  curl '${url}/data?limit=3'                the first three, and a Link to the next
  curl -H 'Accept: application/x-ndjson' ${url}/data
                                            all of them, one per line
  curl -X DELETE ${url}/data/CHE            remove one
`

const given = readOrEnd({ script: 'sample', values: ['url'] }, usage, 1)
try {
  await loadAll(serviceAddress(given.values.get('url') ?? given.words[0], 'URL'))
} catch (error) {
  if (error instanceof UsageError) endWithUsage('sample', [error.message], usage)
  const hint =
    error instanceof ServiceAway && !error.answered ? `Start it: npm start\n\n${usage}` : ''
  process.stderr.write(`sample: ${error instanceof Error ? error.message : error}\n${hint}`)
  process.exitCode = 1
}
