// What the service is meant to reach, as ratios to its peers, and whether the figures say so.
import type { Figures } from './figures.ts'
import type { Place } from './peers.ts'

export interface Goal {
  readonly text: string
  readonly place: Place
  /** The figure, or undefined where it was not measured. */
  readonly reached: (of: Lookup) => number | undefined
  readonly atLeast?: number
  readonly atMost?: number
  readonly unit: string
}

/** The medians of a peer in a scenario at the goal's place. */
export type Lookup = (scenario: string, peer: string) => Figures | undefined

const servers = ['ferretdb', 'mongod', 'stand-in'] as const

const rate = (scenario: string, peer: string) => (of: Lookup) =>
  ratio(of(scenario, 'ours')?.rate.median, of(scenario, peer)?.rate.median)
const p99 = (scenario: string, peer: string) => (of: Lookup) =>
  ratio(of(scenario, 'ours')?.p99.median, of(scenario, peer)?.p99.median)
const ratio = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs

const faster = (text: string, scenario: string, peer: string, atLeast: number, place: Place) => ({
  ...{ text, place, atLeast, unit: ' x' },
  reached: rate(scenario, peer),
})

/** Every goal, in the order of the table. */
export const goals: readonly Goal[] = [
  faster('`GET /` against bare node:http', 'text', 'node-http', 0.97, 'ferretdb'),
  faster('`GET /` against Fastify', 'text', 'fastify', 1.3, 'ferretdb'),
  ...servers.flatMap((place): Goal[] => [
    faster('POST, 64 connections, against Express', 'post-64', 'express', 8, place),
    {
      ...{ text: 'p99 of that, against Express', place, atMost: 1, unit: ' x' },
      reached: p99('post-64', 'express'),
    },
    faster('POST, 512 connections, against Express', 'post-512', 'express', 8, place),
    {
      ...{ text: 'p99 of that, against Express', place, atMost: 1, unit: ' x' },
      reached: p99('post-512', 'express'),
    },
    faster('POST, 1 connection, against Express', 'post-1', 'express', 1, place),
  ]),
  faster(
    'POST, 64 connections, against Express + better-sqlite3',
    'post-64',
    'express-sqlite',
    5,
    'embedded',
  ),
  faster('POST, 1 connection, against the same', 'post-1', 'express-sqlite', 1, 'embedded'),
  ...(
    [
      ['mongod', 'express'],
      ['stand-in', 'express'],
      ['embedded', 'express-sqlite'],
    ] as const
  ).flatMap(([place, peer]): Goal[] => [
    faster('`GET /data` of 1,000, against Express', 'list-1000', peer, 5, place),
    {
      // By the time of one: so few fit into a run that the one that is cut at its end would count.
      ...{ text: '`GET /data` of 100,000, against Express', place, atLeast: 5, unit: ' x' },
      reached: (of) =>
        ratio(of('list-100000', peer)?.p50.median, of('list-100000', 'ours')?.p50.median),
    },
    {
      ...{ text: 'Its memory, against that of 1,000', place, atMost: 1.25, unit: ' x' },
      reached: (of) =>
        ratio(of('list-100000', 'ours')?.peak.median, of('list-1000', 'ours')?.peak.median),
    },
  ]),
  ...servers.flatMap((place): Goal[] => [
    faster('NDJSON of 100,000, against `insertMany`', 'ndjson', 'driver', 0.8, place),
    faster('`GET /data/{id}`, against Fastify', 'one', 'fastify', 1.5, place),
  ]),
  ...(['ferretdb', 'embedded'] as const).flatMap((place): Goal[] => [
    {
      ...{ text: 'Start to first answer', place, atMost: 150, unit: ' ms' },
      reached: (of) => of('start', 'ours')?.p50.median,
    },
    {
      ...{ text: 'Memory, idle', place, atMost: 60, unit: ' MB' },
      reached: (of) => of('start', 'ours')?.peak.median,
    },
    {
      ...{ text: 'Memory, POST on 512 connections', place, atMost: 120, unit: ' MB' },
      reached: (of) => of('post-512', 'ours')?.peak.median,
    },
  ]),
]

/** Whether a figure is what the goal asks for. */
export const isMet = ({ atLeast = -Infinity, atMost = Infinity }: Goal, figure: number): boolean =>
  figure >= atLeast && figure <= atMost
