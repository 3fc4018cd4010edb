// The middle of several runs.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { median, spread } from '../../bench/median.ts'

describe('the median', () => {
  it('is the middle one of an odd number of runs, whatever their order', () => {
    assert.equal(median([9, 1, 5]), 5)
  })

  it('lies between the two in the middle of an even number', () => {
    assert.equal(median([4, 1, 2, 100]), 3)
  })

  it('comes with the ends and the number of runs', () => {
    assert.deepEqual(spread([3, 10, 2]), { median: 3, least: 2, most: 10, runs: 3 })
  })

  it('refuses no runs at all', () => {
    assert.throws(() => median([]), RangeError)
  })
})
