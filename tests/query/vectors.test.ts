// The vectors, which other implementations can use: the first line has documents, each other one a query and the ids.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { idOfNew } from '../../src/codec/document-id.ts'
import { Evaluator } from '../../src/query/evaluator.ts'
import { placeKey } from '../../src/query/place.ts'
import { parseQueryBody } from '../../src/query/query-body.ts'
import { parseQueryString } from '../../src/query/query-string.ts'
import { canonical } from '../support/query/pairs.ts'

const [first = '', ...lines] = readFileSync(join(import.meta.dirname, 'vectors.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')

// Its documents as they stand there, for JSON.parse would round their numbers.
const documents = first.slice('{"documents":['.length, -2).split(/,(?=\{"_id":)/)

describe('the vectors', () => {
  it(`are what the evaluator says, all ${lines.length}`, async () => {
    const stored = await Promise.all(documents.map(canonical))
    for (const line of lines) {
      const { search, ids } = JSON.parse(line)
      const query =
        search === undefined
          ? parseQueryBody(line.slice('{"query":'.length, line.lastIndexOf(',"ids":')))
          : parseQueryString(new URLSearchParams(search))
      const evaluator = new Evaluator(query.filter, query.sort)
      const found = stored.flatMap((json) => {
        evaluator.read(json, 0, json.length)
        const id = String(JSON.parse(json.toString())._id)
        return evaluator.matches
          ? [{ id, key: placeKey(query.sort, evaluator.sortKey, idOfNew(id)) }]
          : []
      })
      found.sort((left, right) => Buffer.compare(left.key, right.key))
      assert.deepEqual(
        found.map(({ id }) => id),
        ids,
        line,
      )
    }
  })
})
