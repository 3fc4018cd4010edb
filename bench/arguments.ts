// What a person types: which part of the measurement to do.
import { parseArgs } from 'node:util'
import type { Place } from './peers.ts'
import { type Scenario, scenarioOf, scenarios } from './scenarios.ts'

export interface Wanted {
  readonly scenarios: readonly Scenario[]
  readonly places: readonly Place[]
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

const places: readonly Place[] = ['ferretdb', 'mongod', 'stand-in', 'embedded']

/** Reads the command line. @throws Error that names what is wrong */
export function readArguments(args: readonly string[]): Wanted {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ scenario: text, place: text, only: text, runs: text, seconds: text, base: text },
      ...{ documents: text, connections: text, points: text },
      ...{ 'warm-up': text, raw: text, report: { type: 'boolean' } },
    },
  })
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
  const only = list(values.only)
  return {
    scenarios: list(values.scenario)?.map(scenarioOf) ?? scenarios,
    places: places.filter((place) => wantedPlaces.includes(place)),
    only: only && base !== undefined ? [...only, 'base'] : only,
    runs: number(values.runs, 5),
    seconds: number(values.seconds, 5),
    warmUp: number(values['warm-up'], 2),
    base,
    documents: list(values.documents)?.map((text) => number(text, 1)) ?? [],
    connections: list(values.connections)?.map((text) => number(text, 1)) ?? [],
    points: values.points ?? 'bench/raw/growth.jsonl',
    raw: values.raw ?? 'bench/raw/runs.jsonl',
    reportOnly: values.report === true,
  }
}
