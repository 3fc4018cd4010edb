// Group read: what is asked for meanwhile comes together, and a failure reaches all that wait.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGroupRead, type Found } from '../../src/store/group-read.ts'
import { StoreError } from '../../src/store/store-error.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

// A source whose fetches end when the test says so.
function heldSource() {
  const fetches: { ids: readonly string[]; end: (error?: Error) => void }[] = []
  const read = (ids: readonly string[], found: Found) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        if (error) return reject(error)
        for (const id of ids) if (id !== 'absent') found(id, bytes(id))
        resolve()
      }
      fetches.push({ ids, end })
    })
  const until = async (count: number) => {
    while (fetches.length < count) await new Promise(setImmediate)
  }
  return { fetches, read, until }
}

describe('a group read', () => {
  it('fetches what one turn asks for at once, each document once', async () => {
    const { fetches, read, until } = heldSource()
    const { get } = createGroupRead({ read })
    const all = Promise.all([get('a'), get('b'), get('absent'), get('a')])
    await until(1)
    assert.deepEqual(fetches[0]?.ids, ['a', 'b', 'absent'])
    fetches[0].end()
    assert.deepEqual(await all, [bytes('a'), bytes('b'), undefined, bytes('a')])
    assert.equal(fetches.length, 1)
  })

  it('asks again for a document that an earlier fetch may have read before it was written', async () => {
    const { fetches, read, until } = heldSource()
    const { get } = createGroupRead({ read, atOnce: 1 })
    const first = get('a')
    await until(1)
    const second = get('a')
    fetches[0]?.end()
    await first
    await until(2)
    fetches[1]?.end()
    assert.deepEqual(await second, bytes('a'))
  })

  it('fetches at most N ids at a time, in the order of their arrival', async () => {
    const { fetches, read, until } = heldSource()
    const { get } = createGroupRead({ read, maxIds: 2, atOnce: 1 })
    const all = Promise.all(['a', 'b', 'c'].map(get))
    await until(1)
    fetches[0]?.end()
    await until(2)
    fetches[1]?.end()
    assert.deepEqual(await all, ['a', 'b', 'c'].map(bytes))
    assert.deepEqual(
      fetches.map(({ ids }) => ids),
      [['a', 'b'], ['c']],
    )
  })

  it('does not wait for a slow fetch', async () => {
    const { fetches, read, until } = heldSource()
    const { get } = createGroupRead({ read, atOnce: 2 })
    const slow = get('slow')
    await until(1)
    const quick = get('quick')
    await until(2)
    fetches[1]?.end()
    assert.deepEqual(await quick, bytes('quick'))
    fetches[0]?.end()
    assert.deepEqual(await slow, bytes('slow'))
  })

  it('fails what waits after a fetch that found no database', async () => {
    const { fetches, read, until } = heldSource()
    const { get } = createGroupRead({ read, atOnce: 1 })
    const first = get('a')
    await until(1)
    const second = get('b')
    fetches[0]?.end(new StoreError('unavailable', 'away'))
    await assert.rejects(first, { message: 'away' })
    await assert.rejects(second, { message: 'away' })
    const third = get('c')
    await until(2)
    fetches[1]?.end()
    assert.deepEqual(await third, bytes('c'))
  })
})
