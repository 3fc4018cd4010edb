// The evaluator beside the oracle, by chance. QUERY_PAIRS says how many pairs, QUERY_SEED where they begin.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { disagreement, pairsOfASeed } from '../support/query/pairs.ts'

const pairs = Number(process.env.QUERY_PAIRS ?? 60_000)
const first = Number(process.env.QUERY_SEED ?? 1)

describe('the evaluator and the oracle', () => {
  it(`say the same of ${pairs} pairs of a document and a query`, async () => {
    for (let seed = first; seed < first + pairs / pairsOfASeed; seed++) {
      assert.equal(await disagreement(seed), undefined, `QUERY_PAIRS=1 QUERY_SEED=${seed}`)
    }
  })
})
