// Shares the event loop between long work and everything else.

/** Makes a queue: each call waits until it is among the first `perTurn` of a turn of the event loop. */
export function createFairTurns(perTurn: number): () => Promise<void> {
  const waiting: (() => void)[] = []
  let scheduled = false
  const turn = () => {
    for (const start of waiting.splice(0, perTurn)) start()
    scheduled = waiting.length > 0
    if (scheduled) setImmediate(turn)
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (scheduled) return
      scheduled = true
      setImmediate(turn)
    })
}

/**
 * Where all work waits that a client can make long: parsing, writing, hashing, looking for a place. One
 * piece of it, of the whole process, runs in a turn of the event loop; a piece takes at most 5 ms.
 */
export const nextPiece = createFairTurns(1)
