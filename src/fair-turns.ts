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

// At most N starts per turn, whatever time is left: N looks at the clock take microseconds.
const mostPerTurn = 128

/**
 * Makes a queue of short work, which takes up to a few milliseconds and less for most: in each turn of the event loop `time`
 * milliseconds of it are done, the rest in later ones. By numbers it cannot be shared: 400 clients that asked for
 * documents of 48 kB, 128 in a turn, left a new one waiting for 1.7 s.
 */
export function createTimedTurns<T>(time: number, start: (work: T) => void) {
  const waiting = createQueue<T>()
  const { leavesTurn } = watchConnections()
  // Immediates that are to start one each.
  let starting = 0
  let begunAt: number | undefined
  let isLeft = false

  const hasTime = () => {
    const now = performance.now()
    if (begunAt === undefined) {
      begunAt = now
      setImmediate(endTurn)
    }
    return !isLeft && now - begunAt < time
  }

  const endTurn = () => {
    begunAt = undefined
    isLeft = leavesTurn()
  }

  // What a promise of one leads to is done before the next immediate, and so its time is seen.
  const startNextLater = () => {
    starting++
    setImmediate(startNext)
  }

  const startNext = () => {
    starting--
    if (waiting.length > 0 && hasTime()) start(waiting.shift())
    if (starting > 0) return
    for (let more = Math.min(waiting.length, mostPerTurn); more > 0; more--) startNextLater()
  }

  return {
    /** How many wait. */
    get waiting() {
      return waiting.length
    },
    /** Whether one may start at once: no others wait, and there is time left. */
    mayStart(): boolean {
      // One that is alone in a turn starts, also if that is left to connections.
      const isFirst = begunAt === undefined
      return waiting.length === 0 && (hasTime() || isFirst)
    },
    /** Starts it after others have had their turn. */
    startLater: (work: T): void => {
      waiting.push(work)
      if (starting < mostPerTurn) startNextLater()
    },
  }
}

const shortWork = createTimedTurns<() => void>(5, (resolve) => resolve())

/**
 * Waits for a turn that has time left: the queue of work after a request has begun that takes up to a few milliseconds. 64
 * clients that sent arrays of a thousand bad numbers, 3 ms each, left a GET waiting for 0.6 s.
 */
export const turnWithTime = (): Promise<void> => new Promise(shortWork.startLater)

/** How many wait for `turnWithTime`. */
export const shortWorkWaiting = (): number => shortWork.waiting

/** First in, first out, without moving what waits. */
function createQueue<T>() {
  let works: T[] = []
  let head = 0
  return {
    get length() {
      return works.length - head
    },
    push(work: T): void {
      works.push(work)
    },
    /** @throws RangeError if it is empty */
    shift(): T {
      const first = works[head]
      if (first === undefined) throw new RangeError('the queue is empty')
      head++
      if (head > works.length / 2) {
        works = works.slice(head)
        head = 0
      }
      return first
    },
  }
}
