// Shares the event loop between long work and everything else.

// Connections accepted so far. A queue that sees a new one leaves the turn to those that follow.
let connections = 0
// Turns in a row that a queue gives up at most: an endless stream of connections must not stop long work.
const mostLeft = 16

/**
 * A connection was accepted, and more may follow. libuv accepts one per turn, so a turn without long work is a short
 * wait for the next: beside 500 readers of a long list a new client waited up to a second, and no turn was longer
 * than 60 ms.
 */
export function leaveTurnToConnections(): void {
  connections++
}

// Tells a queue, once per turn, whether to leave that to connections. `look` forgets those that came before.
function watchConnections() {
  let seen = 0
  let left = 0
  const look = () => {
    seen = connections
  }
  return {
    look,
    leavesTurn(): boolean {
      left = connections === seen || left === mostLeft ? 0 : left + 1
      look()
      return left > 0
    },
  }
}

/** Makes a queue: each call waits until it is among the first `perTurn()` of a turn of the event loop. */
export function createFairTurns(perTurn: () => number): () => Promise<void> {
  const waiting: (() => void)[] = []
  const { look, leavesTurn } = watchConnections()
  const turn = () => {
    if (!leavesTurn()) for (const start of waiting.splice(0, perTurn())) start()
    if (waiting.length > 0) setImmediate(turn)
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) > 1) return
      look()
      setImmediate(turn)
    })
}

/**
 * The queue of all work that a client can make long: parsing, writing, hashing, finding a place. One piece of at most
 * 5 ms runs per turn of the event loop in the whole process.
 */
export const nextPiece = createFairTurns(() => 1)

// Milliseconds of short work in a turn, after which the rest comes in later ones.
const turnTime = 5
// Those that find no time left wait again: 128 looks at the clock are microseconds.
const mostPerTurn = 128

const shortWork: (() => void)[] = []
const { leavesTurn } = watchConnections()
// Immediates that are to start one each.
let starting = 0
let begunAt: number | undefined
let isLeft = false

/**
 * Waits for a turn that has time left: the queue of work that takes up to a few milliseconds, and less for most. 64
 * clients that sent arrays of a thousand bad numbers, 3 ms each, left a GET waiting for 0.6 s.
 */
export function turnWithTime(): Promise<void> {
  return new Promise((resolve) => {
    shortWork.push(resolve)
    if (starting < mostPerTurn) startLater()
  })
}

// What a promise of one leads to is done before the next immediate, and so its time is seen.
function startLater(): void {
  starting++
  setImmediate(startNext)
}

function startNext(): void {
  starting--
  if (hasTime()) shortWork.shift()?.()
  if (starting > 0) return
  for (let more = Math.min(shortWork.length, mostPerTurn); more > 0; more--) startLater()
}

function hasTime(): boolean {
  const now = performance.now()
  if (begunAt === undefined) {
    begunAt = now
    setImmediate(endTurn)
  }
  return !isLeft && now - begunAt < turnTime
}

function endTurn(): void {
  begunAt = undefined
  isLeft = leavesTurn()
}
