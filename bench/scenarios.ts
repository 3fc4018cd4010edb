// The scenarios: which requests, on how many connections, and what is there before.
import type { Place } from './peers.ts'

export interface Scenario {
  readonly name: string
  readonly title: string
  /** How it is measured: wrk with a script of wrk/, or a way of its own. */
  readonly kind: 'get' | 'one' | 'post' | 'mixed' | 'long' | 'lines' | 'start'
  readonly path: string
  readonly connections: number
  /** Documents in the collection before the run. */
  readonly documents: number
  /** Documents that one request writes or reads. */
  readonly each: number
  readonly peers: readonly string[]
  readonly places: readonly Place[]
}

const servers = ['ferretdb', 'mongod', 'stand-in'] as const
const all = [...servers, 'embedded'] as const
// FerretDB over SQLite takes 2 s for a list of 1,000: every peer waits for it alike.
const listPlaces = {
  10: all,
  1000: ['mongod', 'stand-in', 'embedded'],
  100000: ['mongod', 'stand-in', 'embedded'],
} as const
const frameworks = ['ours', 'express', 'fastify', 'flask', 'express-sqlite', 'json-server'] as const
const logged = ['ours-log', 'fastify-log'] as const
// json-server writes its whole file at each POST and knows no array of documents: 1,000 at most.
const many = ['ours', 'express', 'fastify', 'flask', 'express-sqlite'] as const
const none = { path: '/data', documents: 0, each: 1, peers: frameworks, places: all } as const

/** Every scenario, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  {
    ...none,
    name: 'start',
    title: 'Start to first answer, and memory after 5 s',
    kind: 'start',
    connections: 0,
    places: ['ferretdb', 'embedded'],
  },
  {
    ...none,
    name: 'text',
    title: '`GET /` as text, 64 connections',
    kind: 'get',
    path: '/',
    connections: 64,
    peers: ['ours', 'node-http', 'fastify', 'express', 'flask', ...logged],
    places: ['ferretdb'],
  },
  { ...none, name: 'post-1', title: 'POST of 1 kB, 1 connection', kind: 'post', connections: 1 },
  {
    ...none,
    name: 'post-64',
    title: 'POST of 1 kB, 64 connections',
    kind: 'post',
    connections: 64,
  },
  {
    ...none,
    name: 'post-512',
    title: 'POST of 1 kB, 512 connections',
    kind: 'post',
    connections: 512,
  },
  {
    ...none,
    name: 'post-array',
    title: 'POST of an array of 1,000 documents, 4 connections',
    kind: 'post',
    connections: 4,
    each: 1000,
    peers: many,
  },
  {
    ...none,
    name: 'ndjson',
    title: 'POST of 100,000 lines of NDJSON, against `insertMany` of the bare driver',
    kind: 'lines',
    connections: 1,
    each: 100_000,
    peers: ['ours', 'driver'],
  },
  ...([10, 1000, 100_000] as const).map((documents) => ({
    ...none,
    name: `list-${documents}`,
    title: `\`GET /data\` of ${documents.toLocaleString('en')} documents`,
    kind: documents === 100_000 ? ('long' as const) : ('get' as const),
    connections: documents === 100_000 ? 1 : 16,
    documents,
    each: documents,
    peers: documents === 100_000 ? many : frameworks,
    places: listPlaces[documents],
  })),
  {
    ...none,
    name: 'one',
    title: '`GET /data/{id}` of 1,000, 64 connections',
    kind: 'one',
    connections: 64,
    documents: 1000,
  },
  {
    ...none,
    name: 'mixed',
    title: '90 % `GET /data/{id}`, 10 % POST, 64 connections',
    kind: 'mixed',
    connections: 64,
    documents: 1000,
  },
]

/** The scenario of that name. @throws Error that lists the names */
export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found) return found
  const names = scenarios.map((scenario) => scenario.name).join(', ')
  throw new Error(`There is no scenario ${name}; there are ${names}.`)
}
