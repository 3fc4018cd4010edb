// The requests that are being answered, and whether their connections stay open.
import type { Underway } from './dispatch.ts'

/** Makes an empty register of requests in flight. */
export function createInFlight() {
  // Not a Set: as one changes, V8 keeps its old hash tables, and whatever was in them, until the whole heap is
  // collected. The collector's work for a POST was 24 us, and is 4.
  const requests: Underway[] = []
  let retiring = false
  return {
    get size() {
      return requests.length
    },
    get retiring() {
      return retiring
    },
    add(request: Underway): void {
      request.place = requests.push(request) - 1
      if (retiring) request.response.shouldKeepAlive = false
    },
    /** Takes out one that was added. */
    delete(request: Underway): void {
      const last = requests.pop()
      if (last === undefined || last === request) return
      last.place = request.place
      requests[last.place] = last
    },
    /** From now on every answer, those under way included, carries `Connection: close`. */
    retire(): void {
      retiring = true
      for (const { response } of requests) {
        if (!response.headersSent) response.shouldKeepAlive = false
      }
    },
  }
}
