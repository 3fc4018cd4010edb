// Shares the event loop between long streams and everything else.

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
