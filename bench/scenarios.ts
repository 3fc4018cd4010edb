// The scenarios: which requests, on how many connections, and what is there before.
import type { Backend } from './peers.ts'

export interface Scenario {
  readonly name: string
  readonly title: string
  /** How it is measured: by wrk, or in a way of its own. */
  readonly kind: 'get' | 'one' | 'post' | 'mixed' | 'long' | 'lines' | 'start'
  readonly path: string
  readonly connections: number
  /** Documents in the collection before the run. */
  readonly documents: number
  /** Documents that one request writes or reads. */
  readonly each: number
  readonly peers: readonly string[]
  readonly places: readonly Backend[]
}

const servers = ['ferretdb', 'mongod', 'stand-in'] as const
// The build before is measured if --base names one, except where it cannot answer.
const frameworks = [
  'ours',
  'base',
  'express',
  'fastify',
  'flask',
  'express-sqlite',
  'json-server',
] as const
// json-server writes its whole file at each POST and does not take an array of documents.
const withoutArrays = ['ours', 'base', 'express', 'fastify', 'express-sqlite'] as const
const none = { path: '/data', connections: 1, documents: 0, each: 1, peers: frameworks } as const
const stocked = { ...none, documents: 100_000, places: ['embedded'] } as const

/** Every scenario, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  {
    ...none,
    name: 'start',
    title: 'Start to first answer, and memory after 5 s',
    kind: 'start',
    places: ['ferretdb', 'embedded'],
  },
  {
    ...none,
    name: 'text',
    title: '`GET /` as text, 64 connections',
    kind: 'get',
    path: '/',
    connections: 64,
    peers: ['ours', 'base', 'node-http', 'fastify', 'express', 'flask', 'ours-log', 'fastify-log'],
    places: ['ferretdb'],
  },
  {
    ...none,
    name: 'post-1',
    title: 'POST of 1 kB, 1 connection',
    kind: 'post',
    places: ['mongod', 'embedded'],
  },
  ...([64, 512] as const).map((connections) => ({
    ...none,
    name: `post-${connections}`,
    title: `POST of 1 kB, ${connections} connections`,
    kind: 'post' as const,
    connections,
    peers: [...frameworks, 'driver', ...(connections === 64 ? ['ours-indexed'] : [])],
    places: [...servers, 'embedded' as const],
  })),
  {
    ...none,
    name: 'ndjson',
    title: 'POST of 100,000 lines of NDJSON, against `insertMany` of the bare driver',
    kind: 'lines',
    each: 100_000,
    peers: ['ours', 'base', 'driver'],
    places: servers,
  },
  ...([10, 1000] as const).map((documents) => ({
    ...none,
    name: `list-${documents}`,
    title: `\`GET /data\` of ${documents.toLocaleString('en')} documents, 16 connections`,
    kind: 'get' as const,
    connections: 16,
    documents,
    each: documents,
    // FerretDB over SQLite takes 2 s for a list of 1,000: every peer waits for it alike.
    places: ['mongod', 'stand-in', 'embedded'] as const,
  })),
  {
    ...stocked,
    name: 'list-100000',
    title: '`GET /data` of 100,000 documents, one after the other',
    kind: 'long',
    each: 100_000,
    peers: withoutArrays,
    places: ['stand-in', 'embedded'],
  },
  {
    ...none,
    name: 'one',
    title: '`GET /data/{id}` of 1,000, 64 connections',
    kind: 'one',
    connections: 64,
    documents: 1000,
    places: [...servers, 'embedded'],
  },
  {
    ...none,
    name: 'mixed',
    title: '90 % `GET /data/{id}`, 10 % POST, 64 connections',
    kind: 'mixed',
    connections: 64,
    documents: 1000,
    places: ['mongod', 'embedded'],
  },
  {
    ...stocked,
    name: 'filter',
    title: 'The 100 of 100,000 documents whose `number` is one value, no index',
    kind: 'long',
    path: '/data?number:eq=0000000500',
    each: 100,
    peers: ['ours', 'express-sqlite', 'json-server'],
  },
  {
    ...stocked,
    name: 'filter-page',
    title: 'A page of 100 by the same filter, with an index, one after the other',
    kind: 'get',
    path: '/data?number:eq=0000000500&limit=100',
    each: 100,
    peers: ['ours-indexed'],
  },
]

/** The scenario of that name. @throws Error that lists the names */
export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found) return found
  const names = scenarios.map((scenario) => scenario.name).join(', ')
  throw new Error(`There is no scenario ${name}; there are ${names}.`)
}
