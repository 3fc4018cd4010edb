// What the service is meant to reach, as ratios to its peers, and whether the figures say so.
import type { Backend } from './peers.ts'
import type { Figures } from './runs.ts'

export interface Goal {
  readonly text: string
  readonly place: Backend
  /** The ratio, or undefined if it was not measured. */
  readonly reached: (of: Lookup) => number | undefined
  readonly atLeast?: number
  readonly atMost?: number
}

/** The medians of a peer in a scenario at the goal's place. */
export type Lookup = (scenario: string, peer: string) => Figures | undefined

const servers = ['mongod', 'ferretdb', 'stand-in'] as const

const ratio = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs

/** How many times as fast `ours` is as the peer, in requests per second. */
export const speed = (of: Lookup, scenario: string, peer: string, ours = 'ours') =>
  ratio(of(scenario, ours)?.rate.median, of(scenario, peer)?.rate.median)

const faster = (
  text: string,
  place: Backend,
  scenario: string,
  peer: string,
  atLeast: number,
  ours?: string,
): Goal => ({
  ...{ text, place, atLeast },
  reached: (of) => speed(of, scenario, peer, ours),
})

const bounded = (text: string, place: Backend, atMost: number, reached: Goal['reached']): Goal => ({
  text,
  place,
  atMost,
  reached,
})

const express = (place: Backend) => (place === 'embedded' ? 'express-sqlite' : 'express')

// Two builds measured in turn differ by this much without a reason.
const noise = 0.95

/** Every goal, in the order of the table. */
export const goals: readonly Goal[] = [
  faster('`GET /`, against bare node:http', 'ferretdb', 'text', 'node-http', 0.85),
  faster(
    '`GET /`, against Fastify, both with their log line',
    'ferretdb',
    'text',
    'fastify-log',
    1.3,
    'ours-log',
  ),
  faster('`GET /data` of 10, against Express', 'embedded', 'list-10', 'express-sqlite', 1.5),
  faster('`GET /data` of 1,000, against Express', 'embedded', 'list-1000', 'express-sqlite', 3),
  faster('`GET /data` of 100,000, against the build before', 'embedded', 'list-100000', 'base', 4),
  ...(['embedded', 'stand-in'] as const).map((place) =>
    bounded('Its memory, against that of 1,000', place, 1.25, (of) =>
      ratio(of('list-100000', 'ours')?.peak.median, of('list-1000', 'ours')?.peak.median),
    ),
  ),
  bounded('The data file, against the build before', 'embedded', 1.1, (of) =>
    ratio(of('list-100000', 'ours')?.file.median, of('list-100000', 'base')?.file.median),
  ),
  faster('`GET /data/{id}`, against Express', 'embedded', 'one', 'express-sqlite', 1.5),
  ...servers.map((place) =>
    faster('`GET /data/{id}`, against Fastify', place, 'one', 'fastify', 1.5),
  ),
  faster('POST, 64 connections, against Express', 'embedded', 'post-64', 'express-sqlite', 5),
  faster('The same, against the build before', 'embedded', 'post-64', 'base', noise),
  ...(['post-64', 'post-512'] as const).flatMap((scenario) =>
    // On the stand-in an insert costs nothing, so the driver measures itself there.
    (['mongod', 'ferretdb'] as const).map((place) =>
      faster(
        `POST, ${scenario.slice(5)} connections, against \`insertMany\` of 1,000 by the bare driver`,
        ...([place, scenario, 'driver', 0.7] as const),
      ),
    ),
  ),
  ...(['mongod', 'embedded'] as const).map((place) =>
    faster('POST, 1 connection, against Express', place, 'post-1', express(place), 1),
  ),
  ...servers.flatMap((place) => [
    bounded('p99 of POST, 64 connections, against Express', place, 1, (of) =>
      ratio(of('post-64', 'ours')?.p99.median, of('post-64', 'express')?.p99.median),
    ),
    faster('NDJSON of 100,000, against `insertMany`', place, 'ndjson', 'driver', 0.8),
  ]),
  ...(['list-10', 'list-1000', 'list-100000', 'one', 'post-64', 'post-512'] as const).map(
    (scenario) =>
      faster(`${scenario}, against the build before`, 'stand-in', scenario, 'base', noise),
  ),
  faster(
    'A filter of one member over 100,000, no index, against json-server',
    'embedded',
    'filter',
    'json-server',
    3,
  ),
  faster('The same, against Express', 'embedded', 'filter', 'express-sqlite', 2),
  {
    ...{
      text: 'A page of 100 with an index, against this service without',
      place: 'embedded',
      atLeast: 20,
    },
    reached: (of) =>
      ratio(of('filter-page', 'ours-indexed')?.rate.median, of('filter', 'ours')?.rate.median),
  },
  faster(
    'POST, 64 connections, with two indexes, against none',
    'embedded',
    'post-64',
    'ours',
    0.6,
    'ours-indexed',
  ),
  ...(['ferretdb', 'embedded'] as const).flatMap((place) => [
    bounded('Start to first answer, against Express', place, 1, (of) =>
      ratio(of('start', 'ours')?.p50.median, of('start', express(place))?.p50.median),
    ),
    bounded('Memory, idle, against Express', place, 1, (of) =>
      ratio(of('start', 'ours')?.peak.median, of('start', express(place))?.peak.median),
    ),
    bounded('Memory, POST on 512 connections, against Express', place, 1.5, (of) =>
      ratio(of('post-512', 'ours')?.peak.median, of('post-512', express(place))?.peak.median),
    ),
  ]),
]

/** Whether a figure meets the goal. */
export const isMet = ({ atLeast = -Infinity, atMost = Infinity }: Goal, figure: number): boolean =>
  figure >= atLeast && figure <= atMost
