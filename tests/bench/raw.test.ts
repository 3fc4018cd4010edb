// The raw results: what a later measurement takes the place of.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { keep, type Point, pointsOf, type Run, runsOf } from '../../bench/raw.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = (session: string, peer: string, requests: number): Run => ({
  ...{ session, scenario: 'post-64', place: 'mongod', peer, at: session, server: '8', seconds: 2 },
  ...{ requests, p50: 1.23456, p99: 5, peak: 100, cpu: 1, wrkBusy: 0, databaseBusy: 0 },
  ...{ failed: 0, acknowledged: requests, lost: 0 },
})

const requestsOf = (file: string) => runsOf(file).map(({ peer, requests }) => `${peer} ${requests}`)

describe('the raw results of the bench', () => {
  it('are none where nothing was measured', () => {
    assert.deepEqual(runsOf(join(temporaryFolder(), 'runs.jsonl')), [])
  })

  it('keep every turn of a session, and what other sessions measured of other peers', () => {
    const file = join(temporaryFolder(), 'raw', 'runs.jsonl')
    keep(file, run('one', 'ours', 10))
    keep(file, run('one', 'ours', 11))
    keep(file, run('two', 'express', 5))
    assert.deepEqual(requestsOf(file), ['ours 10', 'ours 11', 'express 5'])
  })

  it('give up what a later session has measured again', () => {
    const file = join(temporaryFolder(), 'runs.jsonl')
    for (const requests of [10, 11]) keep(file, run('one', 'ours', requests))
    keep(file, run('one', 'express', 5))
    for (const requests of [20, 21]) keep(file, run('two', 'ours', requests))
    assert.deepEqual(requestsOf(file), ['ours 20', 'ours 21', 'express 5'])
  })

  it('are written with four digits, and whole numbers whole', () => {
    const file = join(temporaryFolder(), 'runs.jsonl')
    keep(file, run('one', 'ours', 1234567))
    const text = readFileSync(file, 'utf8')
    assert.match(text, /"requests":1234567,"p50":1\.235,/)
  })

  it('of a step of the growth are the last one', () => {
    const file = join(temporaryFolder(), 'growth.jsonl')
    const point = (rate: number): Point => ({
      ...{ series: 'POST', place: 'embedded', at: 100, rate, p50: 1, p99: 2, peak: 3, failed: 0 },
    })
    keep(file, point(1))
    keep(file, point(2))
    assert.deepEqual(
      pointsOf(file).map(({ rate }) => rate),
      [2],
    )
  })
})
