// The raw results of the bench: what a later measurement takes the place of, and the middle of several runs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { keepLines, type Run, readLines, spread } from '../../bench/runs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = (peer: string, requests: number): Run => ({
  ...{
    scenario: 'post-64',
    place: 'mongod',
    peer,
    at: '2026-11-25T02:00:00Z',
    server: '8',
    seconds: 2,
  },
  ...{ requests, p50: 1.23456, p99: 5, peak: 100, cpu: 1, loadBusy: 0, databaseBusy: 0 },
  ...{ failed: 0, acknowledged: requests, lost: 0 },
})

const requestsOf = (file: string) =>
  readLines<Run>(file).map(({ peer, requests }) => `${peer} ${requests}`)

describe('the raw results of the bench', () => {
  it('are none if nothing was measured', () => {
    assert.deepEqual(readLines(join(temporaryFolder(), 'runs.jsonl')), [])
  })

  it('give up what is measured again, and keep what was measured of other peers', () => {
    const file = join(temporaryFolder(), 'raw', 'runs.jsonl')
    const isOld = (old: Run) => old.peer === 'ours'
    keepLines(file, [run('ours', 10), run('ours', 11), run('express', 5)], isOld)
    keepLines(file, [run('ours', 20)], isOld)
    assert.deepEqual(requestsOf(file), ['express 5', 'ours 20'])
  })

  it('are written with four digits, and whole numbers whole', () => {
    const file = join(temporaryFolder(), 'runs.jsonl')
    keepLines(file, [run('ours', 1234567)], () => false)
    assert.match(readFileSync(file, 'utf8'), /"requests":1234567,"p50":1\.235,/)
  })
})

describe('the spread of several runs', () => {
  it('has the middle one of an odd number of runs, whatever their order, and the ends', () => {
    assert.deepEqual(spread([9, 1, 5]), { median: 5, least: 1, most: 9 })
  })

  it('has what lies between the two in the middle of an even number', () => {
    assert.equal(spread([4, 1, 2, 100]).median, 3)
  })

  it('refuses no runs at all', () => {
    assert.throws(() => spread([]), RangeError)
  })
})
