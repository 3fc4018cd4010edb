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

/** Makes a queue: each call waits until it is among the first `perTurn()` of a turn of the event loop. */
export function createFairTurns(perTurn: () => number): () => Promise<void> {
  const waiting: (() => void)[] = []
  let seen = 0
  let left = 0
  const turn = () => {
    left = connections === seen || left === mostLeft ? 0 : left + 1
    seen = connections
    if (left === 0) for (const start of waiting.splice(0, perTurn())) start()
    if (waiting.length > 0) setImmediate(turn)
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) > 1) return
      seen = connections
      setImmediate(turn)
    })
}

/**
 * The queue of all work that a client can make long: parsing, writing, hashing, finding a place. One piece of at most
 * 5 ms runs per turn of the event loop in the whole process.
 */
export const nextPiece = createFairTurns(() => 1)
