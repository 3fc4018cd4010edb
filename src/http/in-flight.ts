// The requests that are being answered, and whether their connections may live on.
import type { ServerResponse } from 'node:http'

export interface InFlight {
  readonly size: number
  readonly retiring: boolean
  add(response: ServerResponse): void
  delete(response: ServerResponse): void
  /** From now on every answer, those under way included, carries `Connection: close`. */
  retire(): void
}

/** Makes an empty register of requests in flight. */
export function createInFlight(): InFlight {
  const responses = new Set<ServerResponse>()
  let retiring = false
  return {
    get size() {
      return responses.size
    },
    get retiring() {
      return retiring
    },
    add(response) {
      responses.add(response)
      if (retiring) response.shouldKeepAlive = false
    },
    delete(response) {
      responses.delete(response)
    },
    retire() {
      retiring = true
      for (const response of responses) {
        if (!response.headersSent) response.shouldKeepAlive = false
      }
    },
  }
}
