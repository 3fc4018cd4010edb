// Shares each turn of the event loop between connections: N requests begin in each, the others later.

// 128 requests are about 10 ms. With 512 writers and all of them in one turn, a turn took 40 ms.
const perTurn = 128
// libuv accepts one connection per turn (libuv#3696): beside 2,000 that came at once a new client's p99 was 8 s,
// and with turns this short meanwhile 0.3 s.
const perShortTurn = 2
// With more bytes than this a request takes as long as several others: one with a body of 64 KiB 0.3 ms.
const lightBytes = 16 * 1024
const heavyPerTurn = 16
// More than come with the connection of such a turn.
const heavyPerShortTurn = 2
// Requests that waited for another of their connection begin after those that others have just sent, with what is left of the
// turn, and this part of it at least. They do not keep reading from going on: with 200 connections of 100 requests each
// nobody else was read for 2 s.
const nextShare = 1 / 4
// What a request costs beside its bytes, for the read gate: it stops at 8 MiB, 128 short ones. 11,000 that all waited here
// kept others waiting for 1 to 2 s, and with 256 for 0.3.
const requestWork = 64 * 1024

/**
 * Makes the turns. If fewer requests come than fit in a turn, `run` has each at once. `bytesOf` is how many bytes a
 * request may hold while it waits: those with many do not delay those with few.
 */
export function createRequestTurns<T>(run: (request: T) => void, bytesOf: (request: T) => number) {
  const light = createLane<T>(perTurn)
  const heavy = createLane<T>(heavyPerTurn)
  const next = createLane<T>(0)
  let waitingBytes = 0
  let arriving = false
  let scheduled = false

  const laneOf = (request: T) => (bytesOf(request) > lightBytes ? heavy : light)

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(nextTurn)
  }

  const nextTurn = () => {
    scheduled = false
    light.left = arriving ? perShortTurn : perTurn
    heavy.left = arriving ? heavyPerShortTurn : heavyPerTurn
    arriving = false
    const leastNext = Math.ceil(light.left * nextShare)
    for (const lane of [light, heavy]) {
      for (; lane.left > 0 && lane.length > 0; lane.left--) {
        const request = lane.shift()
        waitingBytes -= bytesOf(request)
        run(request)
      }
    }
    for (let left = Math.max(light.left, leastNext); left > 0 && next.length > 0; left--) {
      light.left = Math.max(light.left - 1, 0)
      run(next.shift())
    }
    if (light.length + heavy.length + next.length > 0) schedule()
  }

  const beginLater = (request: T) => {
    laneOf(request).push(request)
    waitingBytes += bytesOf(request)
    schedule()
  }

  return {
    get waiting() {
      return light.length + heavy.length + next.length
    },
    /** Bytes that those may hold which did not wait for another of their connection, and what the work of each counts as. */
    get waitingWork() {
      return waitingBytes + (light.length + heavy.length) * requestWork
    },
    /** Makes this turn and the next short: a connection was accepted, and more may follow. */
    shortenTurns(): void {
      arriving = true
      light.left = Math.min(light.left, perShortTurn)
      heavy.left = Math.min(heavy.left, heavyPerShortTurn)
      schedule()
    },
    /** Begins a request now, or in a later turn if others wait. */
    begin(request: T) {
      const lane = laneOf(request)
      if (lane.left === 0 || lane.length > 0) return beginLater(request)
      lane.left--
      run(request)
      // Turns in which little was done need not end: they count as one.
      if (lane.left < lane.perTurn / 2) schedule()
    },
    /** Begins a request in a later turn: its connection has had one in this turn. */
    beginLater(request: T) {
      if (laneOf(request) === heavy) return beginLater(request)
      next.push(request)
      schedule()
    },
  }
}

/** First in, first out, without moving what waits. */
function createLane<T>(perTurn: number) {
  let requests: T[] = []
  let head = 0
  return {
    perTurn,
    /** That may still begin in this turn. */
    left: perTurn,
    get length() {
      return requests.length - head
    },
    push(request: T): void {
      requests.push(request)
    },
    /** @throws RangeError if it is empty */
    shift(): T {
      const first = requests[head]
      if (first === undefined) throw new RangeError('the lane is empty')
      head++
      if (head > requests.length / 2) {
        requests = requests.slice(head)
        head = 0
      }
      return first
    },
  }
}
