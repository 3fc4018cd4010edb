// The requests that are being answered, and whether their connections stay open.
import type { ServerResponse } from 'node:http'

/** A request that is being answered, and its place in the register. */
export interface Answering {
  readonly response: ServerResponse
  place: number
}

export interface InFlight {
  readonly size: number
  readonly retiring: boolean
  add(request: Answering): void
  /** Takes out one that was added. */
  delete(request: Answering): void
  /** From now on every answer, those under way included, carries `Connection: close`. */
  retire(): void
}

/** Makes an empty register of requests in flight. */
export function createInFlight(): InFlight {
  // Not a Set: as one changes, V8 keeps a chain of its old hash tables, and whatever was in them counts as in
  // use until the whole heap is collected. The collector's work for a POST was 24 us, and is 4.
  const requests: Answering[] = []
  let retiring = false
  return {
    get size() {
      return requests.length
    },
    get retiring() {
      return retiring
    },
    add(request) {
      request.place = requests.push(request) - 1
      if (retiring) request.response.shouldKeepAlive = false
    },
    delete(request) {
      const last = requests.pop()
      if (last === undefined || last === request) return
      last.place = request.place
      requests[last.place] = last
    },
    retire() {
      retiring = true
      for (const { response } of requests) {
        if (!response.headersSent) response.shouldKeepAlive = false
      }
    },
  }
}
