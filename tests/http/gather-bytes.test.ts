// Chunks are joined in their order, counted as what holds them, and copied seldom.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BodyAccount } from '../../src/http/body-budget.ts'
import { Gathered } from '../../src/http/gather-bytes.ts'

const KiB = 1024

function openAccount() {
  let held = 0
  const account: BodyAccount = {
    add(bytes) {
      held += bytes
    },
    reading() {},
    read() {},
    close() {},
  }
  return {
    account,
    get held() {
      return held
    },
  }
}

/** `length` bytes that go on from the place where those before them ended. */
const chunkAt = (place: number, length: number) =>
  Buffer.from(Array.from({ length }, (_, n) => (place + n) % 251))

// Lengths of the chunks of a body, one after the other.
const bodies: Readonly<Record<string, readonly number[]>> = {
  'one chunk': [64 * KiB],
  'a read and its rest': [65_435, 100],
  'a read and its rest in chunks of one byte': [65_000, ...Array.from({ length: 536 }, () => 1)],
  'chunks of one byte': Array.from({ length: 3_000 }, () => 1),
  'small before large': [1, 64 * KiB, 64 * KiB],
  'many large chunks': Array.from({ length: 20 }, () => 64 * KiB),
  'every length up to 200': Array.from({ length: 200 }, (_, n) => n + 1),
  'every length down from 200': Array.from({ length: 200 }, (_, n) => 200 - n),
}

describe('gathered chunks', () => {
  for (const [name, lengths] of Object.entries(bodies)) {
    const total = lengths.reduce((sum, length) => sum + length, 0)
    for (const expected of [0, total, 2 * total]) {
      it(`are joined in their order: ${name}, ${expected} bytes expected`, () => {
        const budget = openAccount()
        const gathered = new Gathered(budget.account, expected)
        let place = 0
        for (const length of lengths) {
          gathered.add(chunkAt(place, length))
          place += length
          assert.equal(gathered.size, place)
          assert.ok(budget.held >= place, `${place} bytes count as ${budget.held}`)
          assert.ok(budget.held <= 2 * place, `${place} bytes count as ${budget.held}`)
        }
        assert.ok(gathered.take().equals(chunkAt(0, total)))
        assert.equal(gathered.size, 0)
      })
    }
  }

  it('do not copy the first while the others are smaller', () => {
    const gathered = new Gathered(undefined, 64 * KiB)
    const first = chunkAt(0, 65_435)
    gathered.add(first)
    gathered.add(chunkAt(65_435, 100))
    const [kept, others] = gathered.takeParts()
    assert.ok(kept === first, 'it was copied')
    assert.equal(others.length, 100)
  })

  it('begin anew after they were taken', () => {
    const gathered = new Gathered()
    for (const round of [1, 2]) {
      gathered.add(chunkAt(round, 100))
      gathered.add(chunkAt(round + 100, 5))
      assert.ok(gathered.take().equals(chunkAt(round, 105)))
    }
  })
})
