// What a person types: which part of the measurement to do.
import type { GivenOptions, KnownOptions } from '../command-line/read-options.ts'
import type { Backend } from './peers.ts'
import { type Scenario, scenarioOf, scenarios } from './scenarios.ts'

export interface Wanted {
  readonly scenarios: readonly Scenario[]
  readonly places: readonly Backend[]
  /** Names of peers; undefined: all that the scenario has. */
  readonly only: readonly string[] | undefined
  readonly runs: number
  readonly seconds: number
  readonly warmUp: number
  /** A folder with another build of this service in dist/. */
  readonly base: string | undefined
  readonly raw: string
  /** Steps of the growth series; either makes it measure those instead of the scenarios. */
  readonly documents: readonly number[]
  readonly connections: readonly number[]
  readonly points: string
  /** Writes the report from what was measured before, and measures nothing. */
  readonly reportOnly: boolean
}

const places: readonly Backend[] = ['ferretdb', 'mongod', 'stand-in', 'embedded']

export const options: KnownOptions = {
  script: 'bench',
  values: [
    ...['scenario', 'place', 'only', 'runs', 'seconds', 'warm-up', 'base', 'raw'],
    ...['documents', 'connections', 'points'],
  ],
  flags: ['report'],
}

export const usage = `npm run bench '--' [options]

  --scenario NAME,...      these (all: ${scenarios.map(({ name }) => name).join(', ')})
  --place NAME,...         against these databases (all: ${places.join(', ')})
  --only NAME,...          these peers (all that the scenario has)
  --runs N, --seconds N    how often, and how long each (5, 5)
  --warm-up N              seconds before that are not counted (6)
  --base FOLDER            another build of this service in FOLDER/dist, as one more peer
  --documents N,...        measures lists of N documents, and no scenario
  --connections N,...      measures N clients, and no scenario
  --raw FILE               the results of the scenarios (bench/raw/runs.jsonl)
  --points FILE            the results of the other two (bench/raw/growth.jsonl)
  --report                 only writes the report again
`

/** What is asked for. @throws Error that names what is wrong */
export function readArguments({ values: given, flags }: GivenOptions): Wanted {
  const values = Object.fromEntries(given)
  const list = (given: string | undefined) => given?.split(',').filter(Boolean)
  const number = (given: string | undefined, fallback: number) => {
    const value = given === undefined ? fallback : Number(given)
    if (!(value > 0)) throw new Error(`A number above 0, not ${given}.`)
    return value
  }
  const wantedPlaces = list(values.place) ?? places
  for (const name of wantedPlaces) {
    if (!places.some((place) => place === name)) {
      throw new Error(`There is no place ${name}; there are ${places.join(', ')}.`)
    }
  }
  const base = values.base
  return {
    scenarios: list(values.scenario)?.map(scenarioOf) ?? scenarios,
    places: places.filter((place) => wantedPlaces.includes(place)),
    only: list(values.only),
    runs: number(values.runs, 5),
    seconds: number(values.seconds, 5),
    // V8 still compiles during the first five seconds: the more code, the more that costs (POST after 1 s: a fifth).
    warmUp: number(values['warm-up'], 6),
    base,
    documents: list(values.documents)?.map((text) => number(text, 1)) ?? [],
    connections: list(values.connections)?.map((text) => number(text, 1)) ?? [],
    points: values.points ?? 'bench/raw/growth.jsonl',
    raw: values.raw ?? 'bench/raw/runs.jsonl',
    reportOnly: flags.has('report'),
  }
}
