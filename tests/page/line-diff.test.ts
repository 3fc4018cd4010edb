// The difference of two texts has every line of both, and marks no more than differs.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { diffLines } from '../../src/page/line-diff.ts'

const shown = async (theirs: string, mine: string) =>
  (await diffLines(theirs.split(' '), mine.split(' ')))
    .flatMap(({ of, lines }) =>
      lines.map((line) => `${{ both: '', theirs: '-', mine: '+' }[of]}${line}`),
    )
    .join(' ')

describe('the difference of two texts', () => {
  it('is the lines that one of them has', async () => {
    assert.equal(await shown('a b c', 'a b c'), 'a b c')
    assert.equal(await shown('a b c', 'a x c'), 'a -b +x c')
    assert.equal(await shown('a b c', 'a c d'), 'a -b c +d')
    assert.equal(await shown('{ b }', '{ a b }'), '{ +a b }')
    assert.equal(await shown('a', 'b'), '-a +b')
  })

  it('ignores a comma at the end of a line', async () => {
    assert.equal(await shown('{ a }', '{ a, b }'), '{ a, +b }')
  })

  it('gives both texts back, whatever they are, with as few different lines as possible', async () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(text, text, async (theirs, mine) => {
        const runs = await diffLines(theirs, mine)
        const linesOf = (...kinds: string[]) =>
          runs.flatMap(({ of, lines }) => (kinds.includes(of) ? lines : []))
        assert.deepEqual(linesOf('both', 'theirs'), theirs)
        assert.deepEqual(linesOf('both', 'mine'), mine)
        assert.equal(linesOf('both').length, longestCommon(theirs, mine))
      }),
    )
  })

  it('of two long texts that share nothing, or everything but an end, is found and gives way', async () => {
    const many = Array.from({ length: 100_000 }, (_, n) => `${n}`)
    const others = many.map((line) => `x${line}`)
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const all = await diffLines(many, others)
    assert.deepEqual(
      all.map(({ of, lines }) => [of, lines.length]),
      [
        ['theirs', 100_000],
        ['mine', 100_000],
      ],
    )
    const same = Array<string>(100_000).fill('0')
    const oneMore = await diffLines([...same, 'a', ...same], [...same, 'b', ...same])
    assert.deepEqual(
      oneMore.filter(({ of }) => of !== 'both'),
      [
        { of: 'theirs', lines: ['a'] },
        { of: 'mine', lines: ['b'] },
      ],
    )
    clearInterval(timer)
    assert.ok(turns > 5, `${turns}`)
  })
})

function longestCommon(left: readonly string[], right: readonly string[]): number {
  const table = [...left, ''].map(() => [...right, ''].map(() => 0))
  for (let x = left.length - 1; x >= 0; x--) {
    for (let y = right.length - 1; y >= 0; y--) {
      const row = table[x] ?? []
      const below = table[x + 1] ?? []
      row[y] =
        left[x] === right[y] ? (below[y + 1] ?? 0) + 1 : Math.max(below[y] ?? 0, row[y + 1] ?? 0)
    }
  }
  return table[0]?.[0] ?? 0
}
