// How much memory all request bodies, and what is made of them, may take.
import { overloaded, Problem } from './problem.ts'

export type BodyBudget = ReturnType<typeof createBodyBudget>

/** What one body takes, with all that is made of it. */
export interface BodyAccount {
  /**
   * Takes this many more bytes, or fewer if negative. If there is no room, bodies that arrive too slowly give way.
   * @throws Problem `overloaded` if that is not enough, `body_too_large` if it never will be
   */
  add(bytes: number): void
  /** Its bytes arrive from now on. */
  reading(progress: Progress): void
  /** It is complete, or never will be. */
  read(): void
  /** Gives everything back. */
  close(): void
}

export interface Progress {
  /** Bytes that have arrived. */
  readonly received: number
  /** Milliseconds for which the service has waited for more. */
  readonly waited: number
  /** Called once if they arrive slower than `leastRate` and the room is needed. */
  tooSlow(): void
}

/** Bytes per second. A client that sends fewer holds memory that others need. */
export const leastRate = 16 * 1024

/** Whether less than the least rate has arrived. The first `grace` milliseconds do not count. */
export const isSlow = (
  { received, waited }: Pick<Progress, 'received' | 'waited'>,
  grace: number,
): boolean => received < ((waited - grace) / 1000) * leastRate

// The last eighth of the room is for bodies up to this size, and the smaller a body is, the more of that it may use:
// 2,000 clients that send all of 64 KiB but a byte keep out others of 64 KiB, and none of 100 bytes.
const smallBody = 64 * 1024
const smallShare = 1 / 8
// Milliseconds between two looks for slow bodies, if room is short: the time of a lost packet.
const lookEvery = 500

interface Incoming {
  readonly progress: Progress
  /** As it was at the last look. */
  received: number
  waited: number
}

/** Makes a budget of this many bytes. Each body has its own limit; this one holds when many come at once. */
export function createBodyBudget(limit: number) {
  const kept = limit * smallShare
  const mostOfOne = Math.floor(limit - kept)
  const roomFor = (bytes: number) => limit - kept * Math.min(bytes / smallBody, 1)
  const incoming = new Map<BodyAccount, Incoming>()
  let slow: BodyAccount[] = []
  let nextLook = 0
  let held = 0

  // Of bodies that still arrive, since the last look: a client that sends 64 KiB at once could stop for 4 s
  // otherwise.
  const findSlow = () =>
    [...incoming].flatMap(([account, last]) => {
      const { received, waited } = last.progress
      const since = { received: received - last.received, waited: waited - last.waited }
      if (since.waited < lookEvery) return []
      Object.assign(last, { received, waited })
      return isSlow(since, 0) ? [account] : []
    })

  const makeRoom = (bytes: number, room: number) => {
    const now = performance.now()
    if (now >= nextLook) {
      nextLook = now + lookEvery
      slow = findSlow()
    }
    while (held + bytes > room) {
      const account = slow.pop()
      if (!account) return
      const last = incoming.get(account)
      if (!last) continue
      account.close()
      last.progress.tooSlow()
    }
  }

  const open = (): BodyAccount => {
    let own = 0
    let closed = false
    const account: BodyAccount = {
      add(bytes) {
        if (closed) return
        if (bytes > 0) {
          if (own + bytes > mostOfOne) throw neverFits(own + bytes, mostOfOne)
          const room = roomFor(own + bytes)
          if (held + bytes > room) makeRoom(bytes, room)
          if (held + bytes > room) throw overloaded('Too many large bodies at the same time.')
        }
        own += bytes
        held += bytes
      },
      reading(progress) {
        const { received, waited } = progress
        incoming.set(account, { progress, received, waited })
      },
      read() {
        incoming.delete(account)
      },
      close() {
        closed = true
        incoming.delete(account)
        held -= own
        own = 0
      },
    }
    return account
  }

  return {
    /** The most that one body may take. */
    limit: mostOfOne,
    /** Bytes taken now. */
    get held() {
      return held
    },
    open,
  }
}

// Asking again later would not help, so this is not a 503.
const neverFits = (bytes: number, most: number) =>
  new Problem(
    'body_too_large',
    `It takes ${bytes} bytes of memory; one body may take ${most}. Send more documents as application/x-ndjson.`,
  )
