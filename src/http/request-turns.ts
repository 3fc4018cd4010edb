// Shares each turn of the event loop between connections: so many requests begin in it, the others later.

export interface RequestTurns<T> {
  /** Requests that wait for a later turn. */
  readonly waiting: number
  /** A connection was let in: there may be more behind it, so this turn and the next are short. */
  letIn(): void
  /** Begins a request now, or in a later turn: behind the requests of its connection that wait. */
  begin(share: TurnShare, request: T): void
  /**
   * Takes back all requests of a connection that wait. The oldest is refused, since a connection's
   * answers go out in order; those behind it are forgotten. False where none waits.
   */
  takeBack(share: TurnShare): boolean
}

/** What one connection has of the turns. */
export interface TurnShare {
  readonly waiting: ((mayBegin: boolean) => void)[]
  turn: number
  begun: number
}

// 128 requests are about 10 ms. With 512 writers and all of them in one turn, a turn took 40 ms.
const perTurn = 128
// libuv lets one connection in a turn (libuv#3696): beside 2,000 that came at once, a new client's
// p99 was 8 s. With turns that short while they come it is 0.3 s.
const perShortTurn = 8
// A client that sends its requests without waiting for answers is one client.
const perConnection = 4

/** A connection's share, before its first request. */
export const createTurnShare = (): TurnShare => ({ waiting: [], turn: 0, begun: 0 })

/** Makes the turns. Where fewer requests come than fit in a turn, `run` has each at once. */
export function createRequestTurns<T>(
  run: (request: T) => void,
  refuse: (request: T) => void,
): RequestTurns<T> {
  // Connections with requests that wait, each once, and those that were taken back. What is before `head` had its turn.
  let ring: TurnShare[] = []
  let head = 0
  let turn = 0
  let left = perTurn
  let waiting = 0
  let arriving = false
  let scheduled = false

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(nextTurn)
  }

  const nextTurn = () => {
    scheduled = false
    turn++
    left = arriving ? perShortTurn : perTurn
    arriving = false
    while (left > 0) {
      const share = ring[head]
      if (share === undefined) break
      head++
      const next = share.waiting.shift()
      if (next === undefined) continue // taken back
      left--
      waiting--
      if (share.waiting.length > 0) ring.push(share)
      next(true)
    }
    if (head > ring.length / 2) {
      ring = ring.slice(head)
      head = 0
    }
    if (ring.length > head) schedule()
  }

  return {
    get waiting() {
      return waiting
    },
    letIn() {
      arriving = true
      left = Math.min(left, perShortTurn)
      schedule()
    },
    begin(share, request) {
      if (share.turn !== turn) {
        share.turn = turn
        share.begun = 0
      }
      if (left > 0 && share.begun < perConnection && ring.length === head) {
        left--
        share.begun++
        run(request)
      } else {
        waiting++
        const next = (mayBegin: boolean) => (mayBegin ? run : refuse)(request)
        if (share.waiting.push(next) === 1) ring.push(share)
      }
      // Turns in which little was done need no end: they are counted as one.
      if (left < perTurn / 2 || share.begun === perConnection || waiting > 0) schedule()
    },
    takeBack({ waiting: taken }) {
      const [oldest] = taken
      waiting -= taken.length
      taken.length = 0
      oldest?.(false)
      return oldest !== undefined
    },
  }
}
