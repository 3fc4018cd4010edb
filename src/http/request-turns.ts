// Shares each turn of the event loop between connections: N requests begin in each, the others later.

// 128 requests are about 10 ms. With 512 writers and all of them in one turn, a turn took 40 ms.
const perTurn = 128
// libuv accepts one connection per turn (libuv#3696): beside 2,000 that came at once a new client's p99 was 8 s,
// and with turns this short meanwhile 0.3 s.
const perShortTurn = 8

/** Makes the turns. If fewer requests come than fit in a turn, `run` has each at once. */
export function createRequestTurns<T>(run: (request: T) => void) {
  // What is before `head` has had its turn.
  let queue: T[] = []
  let head = 0
  let left = perTurn
  let arriving = false
  let scheduled = false

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(nextTurn)
  }

  const nextTurn = () => {
    scheduled = false
    left = arriving ? perShortTurn : perTurn
    arriving = false
    for (; left > 0 && head < queue.length; left--) {
      const request = queue[head++]
      if (request !== undefined) run(request)
    }
    if (head > queue.length / 2) {
      queue = queue.slice(head)
      head = 0
    }
    if (queue.length > head) schedule()
  }

  const beginLater = (request: T) => {
    queue.push(request)
    schedule()
  }

  return {
    get waiting() {
      return queue.length - head
    },
    /** Makes this turn and the next short: a connection was accepted, and more may follow. */
    shortenTurns(): void {
      arriving = true
      left = Math.min(left, perShortTurn)
      schedule()
    },
    /** Begins a request now, or in a later turn if others wait. */
    begin(request: T) {
      if (left === 0 || queue.length > head) return beginLater(request)
      left--
      run(request)
      // Turns in which little was done need not end: they count as one.
      if (left < perTurn / 2) schedule()
    },
    /** Begins a request in a later turn: its connection has had one in this turn. */
    beginLater,
  }
}
