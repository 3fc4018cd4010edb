// Keys that come twice are found, in objects of any size and with keys of any length.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { Refusal } from '../../src/codec/refusal.ts'

const parser = new DocumentParser()

const object = (keys: readonly string[]) =>
  `{${keys.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`

async function twice(text: string): Promise<unknown> {
  try {
    await parser.parseBody(Buffer.from(text))
    return undefined
  } catch (error) {
    assert.ok(error instanceof Refusal && error.code === 'duplicate_key', String(error))
    return error.details.pointer
  }
}

describe('the keys of an object', () => {
  it('are taken if they differ, and refused from the second of two on', async () => {
    const key = fc.stringMatching(/^[a-e]{1,4}$/)
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 300 }), async (keys) => {
        const first = keys.find((name, index) => keys.indexOf(name) < index)
        assert.equal(await twice(object(keys)), first === undefined ? undefined : `/${first}`)
      }),
      { numRuns: 300 },
    )
  })

  it('are told apart by the hundred thousand', async () => {
    const keys = Array.from({ length: 150_000 }, (_, n) => n.toString(36))
    assert.equal(await twice(object(keys)), undefined)
    for (const index of [0, 31, 32, 33, 5000, 80_000, 149_999]) {
      const again = keys[index] ?? ''
      assert.equal(await twice(object([...keys, again])), `/${again}`)
    }
  })

  it('are told apart to the last byte of a long one, also if it is hashed in pieces', async () => {
    const long = Array.from({ length: 50 }, (_, n) => `${'k'.repeat(100_000)}${n}`)
    assert.equal(await twice(object(long)), undefined)
    for (const index of [0, 20, 40]) {
      assert.equal(await twice(object([...long, long[index] ?? ''])), `/${'k'.repeat(100)}...`)
    }
    assert.equal(await twice(object(['', 'a', 'aa', 'aaa', ...long])), undefined)
  })

  it('belong to their own object', async () => {
    const many = Array.from({ length: 40 }, (_, n) => `"k${n}":{"k${n}":0,"x":[{"k0":1}]}`).join(
      ',',
    )
    assert.equal(await twice(`{${many}}`), undefined)
    assert.equal(await twice(`{${many},"y":{${many},"k7":1}}`), '/y/k7')
    assert.equal(await twice(`{"y":{${many}},${many},"k39":0}`), '/k39')
  })
})
