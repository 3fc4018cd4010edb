// What a query means, by examples; pairs.test.ts holds it to the oracle.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Evaluator } from '../../src/query/evaluator.ts'
import { parseQueryBody } from '../../src/query/query-body.ts'
import { canonical } from '../support/query/pairs.ts'
import { createGenerator, sortJson, toJson } from '../support/query/random.ts'

/** Those of the documents that satisfy the condition, by their places. */
async function found(where: string, documents: readonly string[]): Promise<number[]> {
  const evaluator = new Evaluator(parseQueryBody(`{"where":${where}}`).filter)
  const places: number[] = []
  for (const [at, text] of documents.entries()) {
    const json = await canonical(text)
    evaluator.read(json, 0, json.length)
    if (evaluator.matches) places.push(at)
  }
  return places
}

describe('a condition', () => {
  it('holds if any element of an array satisfies it, each condition on its own', async () => {
    assert.deepEqual(await found('["and",["gt","a",3],["lt","a",6]]', ['{"a":[1,20]}']), [0])
    assert.deepEqual(await found('["eq","a",5]', ['{"a":[5]}', '{"a":[[5]]}', '{"a":5}']), [0, 2])
    assert.deepEqual(
      await found('["eq","a.b",5]', ['{"a":[{"b":[4,5]}]}', '{"a":[[{"b":5}]]}']),
      [0],
    )
  })

  it('takes a number in a path for a key or a position, and looks into no array at a position', async () => {
    const documents = ['{"a":[5]}', '{"a":{"0":5}}', '{"a":[[5]]}', '{"a":[{"0":[5]}]}', '{"a":5}']
    assert.deepEqual(await found('["eq","a.0",5]', documents), [0, 1, 3])
    assert.deepEqual(await found('["eq","a.00",5]', ['{"a":[5]}', '{"a":{"00":5}}']), [1])
  })

  it('does not take a missing member for null', async () => {
    const documents = ['{"a":null}', '{}', '{"a":[null]}', '{"a":[]}', '{"a":0}']
    assert.deepEqual(await found('["eq","a",null]', documents), [0, 2])
    assert.deepEqual(await found('["ne","a",null]', documents), [1, 3, 4])
    assert.deepEqual(await found('["exists","a",true]', documents), [0, 2, 3, 4])
    assert.deepEqual(await found('["exists","a",false]', documents), [1])
  })

  it('compares numbers exactly, whatever keeps them', async () => {
    const documents = ['9007199254740992', '9007199254740993', '9007199254740992.0', '1e300'].map(
      (number) => `{"a":${number}}`,
    )
    assert.deepEqual(await found('["gt","a",9007199254740992]', documents), [1, 3])
    assert.deepEqual(await found('["eq","a",9007199254740992]', documents), [0, 2])
    assert.deepEqual(await found('["eq","a",0]', ['{"a":-0}', '{"a":0.0}', '{"a":false}']), [0, 1])
  })

  it('compares texts by their UTF-8, and with texts alone', async () => {
    const documents = ['{"a":"\uff5e"}', '{"a":"\u{1f600}"}', '{"a":5}', '{"a":null}']
    assert.deepEqual(await found('["gt","a","\uff5e"]', documents), [1])
    assert.deepEqual(await found('["lt","a","z"]', documents), [])
    assert.deepEqual(await found('["gte","a",""]', documents), [0, 1])
  })

  it('sees through escapes', async () => {
    const documents = ['{"a":"\\n"}', '{"a":"\\\\n"}', '{"a":"n"}', '{"a":"\\u0001f"}']
    assert.deepEqual(await found('["contains","a","n"]', documents), [1, 2])
    assert.deepEqual(await found('["contains","a","\\\\"]', documents), [1])
    assert.deepEqual(await found('["contains","a","01"]', documents), [])
    assert.deepEqual(await found('["prefix","a","\\u0001"]', documents), [3])
    assert.deepEqual(await found('["lt","a","\\u000b"]', documents), [0, 3])
  })

  it('takes a key for a key, whatever it looks like', async () => {
    assert.deepEqual(await found('["eq",["a.b"],1]', ['{"a.b":1}', '{"a":{"b":1}}']), [0])
    assert.deepEqual(await found('["eq",["__proto__","x"],1]', ['{"__proto__":{"x":1}}']), [0])
    assert.deepEqual(await found('["exists","__proto__",true]', ['{}']), [])
    assert.deepEqual(await found('["eq",[""],1]', ['{"":1}']), [0])
  })

  it('tells an ObjectId from a text', async () => {
    const documents = ['{"_id":"0123456789abcdef01234567"}', '{"_id":"01"}', '{"_id":"z"}']
    assert.deepEqual(await found('["eq","_id","0123456789abcdef01234567"]', documents), [0])
    assert.deepEqual(await found('["gt","_id","00"]', documents), [1, 2])
    assert.deepEqual(await found('["gte","_id","0123456789abcdef01234567"]', documents), [0, 2])
    assert.deepEqual(await found('["prefix","_id","01"]', documents), [1])
  })
})

describe('a document that is read in pieces', () => {
  it('is the same as one that is read whole', async () => {
    const generate = createGenerator(7)
    for (let count = 0; count < 300; count++) {
      const json = await canonical(generate.document())
      const query = parseQueryBody(
        `{"where":${toJson(generate.where())},"sort":${sortJson(generate.sort())}}`,
      )
      const whole = new Evaluator(query.filter, query.sort)
      const inPieces = new Evaluator(query.filter, query.sort)
      whole.read(json, 0, json.length)
      for (const piece of [1, 2, 3, 7, 50]) {
        inPieces.begin(json, 0, json.length)
        while (!inPieces.run(piece));
        assert.equal(inPieces.matches, whole.matches)
        assert.deepEqual(inPieces.sortKey, whole.sortKey)
      }
    }
  })
})
