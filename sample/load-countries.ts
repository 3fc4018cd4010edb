// npm run sample: loads the 250 countries of the package world-countries into a running service.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const url = (process.argv[2] ?? process.env.URL ?? 'http://localhost:5000').replace(/\/$/, '')
const batchSize = 25
const { API_TOKEN: token } = process.env
const authorization = token ? { authorization: `Bearer ${token}` } : {}

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

interface Inserted {
  readonly inserted: number
  readonly errors: readonly { readonly index: number; readonly detail: string }[]
}

// The code of a country is its _id, and duplicates are ignored: to load twice changes nothing.
async function load(batch: readonly Country[]): Promise<Inserted> {
  const response = await fetch(`${url}/data`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      prefer: 'resolution=ignore-duplicates',
      ...authorization,
    },
    body: JSON.stringify(batch.map((country) => ({ _id: country.cca3, ...country }))),
  })
  const text = await response.text()
  if (response.status >= 300) throw new Error(`${url}/data answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

function showProgress(done: number, all: number): void {
  const bar = '#'.repeat(Math.round((done / all) * 40)).padEnd(40, '.')
  const line = `[${bar}] ${done}/${all}`
  process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`)
}

async function main(): Promise<void> {
  const all = countries()
  let inserted = 0
  for (let start = 0; start < all.length; start += batchSize) {
    const result = await load(all.slice(start, start + batchSize))
    inserted += result.inserted
    showProgress(Math.min(start + batchSize, all.length), all.length)
  }
  process.stdout.write(`
${inserted} countries are new in ${url}, ${all.length - inserted} were there already. Try next:

  curl ${url}/data/CHE                      one country
  curl '${url}/data?limit=3'                the first three, and a Link to the next
  curl -H 'Accept: application/x-ndjson' ${url}/data
                                            all of them, one a line
  curl -X DELETE ${url}/data/CHE            remove one
`)
}

try {
  await main()
} catch (error) {
  const refused = error instanceof TypeError // what fetch throws where nobody listens
  const why = refused ? `Nothing answers at ${url}. Is it running? (npm start)` : String(error)
  process.stderr.write(`${why}\nAnother address: npm run sample -- http://localhost:8080\n`)
  process.exitCode = 1
}
