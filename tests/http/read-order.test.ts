// Which connections a read gate reads again first.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Gated } from '../../src/http/read-gate.ts'
import { openGated } from '../support/gated-connections.ts'

const MiB = 2 ** 20
// Bytes of work that waits: no connection is read again, and the next request closes the gate.
const tooMuch = 9 * MiB
// No connection is read again, and a request does not close the gate.
const muchWork = 5 * MiB
const requestWork = 64 * 1024

const placesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => first + n)

/**
 * The order in which connections are read again that were all stopped. Before that those in `hasty` have had an answer, and
 * after them those in `thinking`, who asked again 40 ms later, and once more at once.
 */
async function orderAfterStop(
  connections: number,
  { hasty = [], thinking = [] }: Readonly<Record<string, readonly number[]>>,
): Promise<number[]> {
  let waitingWork = 0
  let served: number[] = []
  const { sockets, close } = await openGated(
    connections,
    () => waitingWork,
    (place) => served.push(place),
    () => waitingWork === 0,
  )
  const askInTurn = async (places: readonly number[]) => {
    served = []
    for (const [n, place] of places.entries()) {
      sockets[place]?.write('x')
      while (served.length <= n) await nextTurn()
    }
  }
  try {
    await askInTurn([...hasty, ...thinking])
    await sleep(40)
    await askInTurn(thinking.flatMap((place) => [place, place]))
    waitingWork = tooMuch
    await askInTurn([0])
    served = []
    for (const socket of sockets.slice(1)) socket.write('x')
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    assert.deepEqual(served, [])
    waitingWork = 0
    while (served.length < connections - 1) await nextTurn()
    return served
  } finally {
    close()
  }
}

/** Work that fills each turn for 12 ms, until its end. */
function makeTurnsLong() {
  let isOver = false
  const work = () => {
    for (const begun = performance.now(); performance.now() - begun < 12; );
    if (!isOver) setImmediate(work)
  }
  work()
  return {
    end: () => {
      isOver = true
    },
  }
}

describe('the order of the read gate', { timeout: 60_000 }, () => {
  it('reads again first from those that were stopped first and from those that were stopped last, of those that had no answer', async () => {
    let waitingWork = tooMuch
    const served: number[] = []
    const { sockets, close } = await openGated(
      300,
      () => waitingWork,
      (place) => served.push(place),
    )
    try {
      sockets[0]?.write('stop')
      while (served.length === 0) await nextTurn()
      for (const socket of sockets.slice(1)) socket.write('x')
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      assert.deepEqual(served, [0])
      waitingWork = 0
      while (served.length < 65) await nextTurn()
      const again = served.slice(1, 65)
      const [first, last] = [again.filter((n) => n < 66), again.filter((n) => n >= 234)]
      assert.equal(first.length + last.length, again.length, again.join())
      assert.ok(first.length > 20 && last.length > 20, again.join())
      while (served.length < 300) await nextTurn()
    } finally {
      close()
    }
  })

  it('reads half of a turn from those that think, a quarter each from those without an answer and those in haste', async () => {
    const [hasty, thinking] = [placesFrom(1, 100), placesFrom(100, 100)]
    const order = await orderAfterStop(300, { hasty, thinking })
    // One turn of 64, or two of 32. The one that stopped them is read again in the first one too, and has sent no more.
    const first = order.slice(0, 63)
    const shares = [
      first.filter((place) => thinking.includes(place)).length,
      first.filter((place) => place >= 200).length,
      first.filter((place) => hasty.includes(place)).length,
    ]
    assert.deepEqual(
      shares.map((share) => Math.round(share / 16)),
      [2, 1, 1],
      order.join(),
    )
  })

  it('reads a few that think, or that had an answer, before hundreds of others', async () => {
    const few = placesFrom(90, 4)
    for (const groups of [{ hasty: placesFrom(100, 100), thinking: few }, { hasty: few }]) {
      const order = await orderAfterStop(200, groups)
      const first = order.slice(0, 64)
      assert.ok(
        few.every((place) => first.includes(place)),
        first.join(),
      )
    }
  })

  it('reads those that ask as fast as they can in the order of their answers', async () => {
    const hasty = placesFrom(1, 299).map((n) => (n % 2 > 0 ? n : 300 - n))
    const order = await orderAfterStop(300, { hasty })
    for (const [rank, place] of hasty.entries()) {
      const moved = Math.abs(order.indexOf(place) - rank)
      assert.ok(moved < 64, `${place} is read as number ${order.indexOf(place)}, not ${rank}`)
    }
  })

  it('sees whether one thinks also while none is read again and turns are long', async () => {
    let waitingWork = 0
    const asked: Gated[] = []
    const { gate, sockets, openAnother, close } = await openGated(
      1,
      () => waitingWork,
      (place, _chunk, gated) => {
        if (place > 0) asked.push(gated)
      },
    )
    const turns = makeTurnsLong()
    // How often a new connection is read until it is stopped, and whether it thinks.
    const askUntilStopped = async (answerTime: number, thinkTime: number) => {
      const asking = await openAnother()
      asked.length = 0
      for (let before = -1; before < asked.length; ) {
        before = asked.length
        asking.write('x')
        for (let turn = 0; turn < 10 && asked.length === before; turn++) await nextTurn()
        await sleep(answerTime)
        for (const gated of asked.slice(before)) gate.countAnswer(gated)
        await sleep(thinkTime)
      }
      return { reads: asked.length, thinks: asked.at(-1)?.inHaste === 0 }
    }
    try {
      waitingWork = tooMuch
      sockets[0]?.write('stop')
      while (!gate.isClosed) await nextTurn()
      waitingWork = muchWork
      // The second time as the first answer has not stopped it.
      assert.deepEqual(await askUntilStopped(80, 0), { reads: 2, thinks: false })
      assert.deepEqual(await askUntilStopped(0, 80), { reads: 2, thinks: true })
      // The first has sent its next request meanwhile.
      asked.length = 0
      waitingWork = 0
      while (gate.isClosed || asked.length < 2) await nextTurn()
      assert.ok(asked.every(({ inHaste }) => inHaste > 0))
    } finally {
      waitingWork = 0
      turns.end()
      close()
    }
  })

  it('counts the time before a stop as thought, and none before the first request', async () => {
    let waitingWork = 0
    const asked: Gated[] = []
    const { gate, sockets, close } = await openGated(
      3,
      () => waitingWork,
      (place, _chunk, gated) => {
        if (place > 0) asked.push(gated)
      },
      () => waitingWork === 0,
    )
    const stopFor = async (time: number) => {
      waitingWork = tooMuch
      sockets[0]?.write('stop')
      while (!gate.isClosed) await nextTurn()
      await sleep(time)
      waitingWork = 0
    }
    const [, thinking, late] = sockets
    try {
      await stopFor(0)
      thinking?.write('x')
      while (asked.length < 1) await nextTurn()
      await sleep(40)
      await stopFor(20)
      thinking?.write('x')
      late?.write('x')
      while (gate.isClosed || asked.length < 3) await nextTurn()
      const [first] = asked
      assert.equal(first?.inHaste, 0)
      assert.equal(asked.find((gated) => gated !== first)?.inHaste, 4)
    } finally {
      close()
    }
  })

  it('reads everyone again and again while those that have had an answer go on asking', async () => {
    const waiting: { place: number; gated: Gated }[] = []
    let isOver = false
    const { gate, sockets, close } = await openGated(
      200,
      () => (isOver ? 0 : waiting.length * requestWork),
      (place, _chunk, gated) => waiting.push({ place, gated }),
    )
    try {
      const answers = sockets.map(() => 0)
      for (const socket of sockets) socket.write('x')
      for (let turn = 0; turn < 200; turn++) {
        await nextTurn()
        for (const { place, gated } of waiting.splice(0, 32)) {
          answers[place] = (answers[place] ?? 0) + 1
          gate.countAnswer(gated)
          sockets[place]?.write('x')
        }
      }
      assert.ok(Math.min(...answers) >= 8, answers.join())
    } finally {
      isOver = true
      close()
    }
  })

  it('stops one that has its answer, while others are stopped, after four answers if turns are short', async () => {
    let waitingWork = 0
    let asked = 0
    const { gate, sockets, openAnother, close } = await openGated(
      1,
      () => waitingWork,
      (place) => {
        if (place > 0) asked++
      },
      (place) => place > 0,
    )
    // How often a new connection is read while the first one is not.
    const askUntilStopped = async () => {
      waitingWork = tooMuch
      sockets[0]?.write('stop')
      while (!gate.isClosed) await nextTurn()
      waitingWork = muchWork // the first one is not read again
      const asking = await openAnother()
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      asked = 0
      for (let before = -1; before < asked; ) {
        before = asked
        asking.write('x')
        for (let turn = 0; turn < 200 && asked === before; turn++) await nextTurn()
      }
      const untilStopped = asked
      waitingWork = 0
      while (gate.isClosed || asked === untilStopped) await nextTurn()
      return untilStopped
    }
    try {
      const most: number[] = []
      // After a turn of 5 ms, which another process can make, it is stopped after its second.
      while (most.length < 10) most.push(await askUntilStopped())
      assert.equal(Math.max(...most), 4, most.join())
    } finally {
      waitingWork = 0
      close()
    }
  })
})
