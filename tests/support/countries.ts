// The 250 countries of the npm package world-countries: nested arrays, every script, real data.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const file = createRequire(import.meta.url).resolve('world-countries/countries.json')
const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))

/** One JSON object each. */
export const countries: readonly unknown[] = Array.isArray(parsed) ? parsed : []
