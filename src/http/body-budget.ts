// How much memory all request bodies, and what is made of them, may take.
import { overloaded, Problem } from './problem.ts'

export interface BodyBudget {
  /** The most that one body may take. */
  readonly limit: number
  /** Bytes taken now. */
  readonly held: number
  /** Begins the account of one body. */
  open(): BodyAccount
}

/** What one body takes, with all that is made of it. */
export interface BodyAccount {
  /**
   * Takes this many more bytes, or fewer if negative. If there is no room, bodies that arrive too slowly
   * give way at once.
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

/** Bytes per second. A client that sends fewer holds memory that others need, and does nothing with it. */
export const leastRate = 16 * 1024

/** Whether enough has arrived. The first `grace` milliseconds do not count. */
export const isSlow = (
  { received, waited }: Pick<Progress, 'received' | 'waited'>,
  grace: number,
): boolean => received < ((waited - grace) / 1000) * leastRate

// A body of at most this size finds room even when large ones have taken all they may.
const smallBody = 64 * 1024
const largeShare = 7 / 8
// When room is short, a body has only the time of a lost packet before it must keep the rate.
const shortGrace = 500

/** Makes a budget of this many bytes. Each body has its own limit; this one holds when many come at once. */
export function createBodyBudget(limit: number): BodyBudget {
  const mostOfOne = Math.floor(limit * largeShare)
  const incoming = new Map<BodyAccount, Progress>()
  let held = 0

  const makeRoom = (bytes: number, room: number) => {
    for (const [account, progress] of incoming) {
      if (held + bytes <= room) return
      if (!isSlow(progress, shortGrace)) continue
      account.close()
      progress.tooSlow()
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
          const room = own + bytes <= smallBody ? limit : mostOfOne
          if (held + bytes > room) makeRoom(bytes, room)
          if (held + bytes > room) throw noRoom()
        }
        own += bytes
        held += bytes
      },
      reading(progress) {
        incoming.set(account, progress)
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
    limit: mostOfOne,
    get held() {
      return held
    },
    open,
  }
}

const noRoom = () => overloaded('Too many large bodies at the same time.')

// Asking again later would not help, so this is not a 503.
const neverFits = (bytes: number, most: number) =>
  new Problem(
    'body_too_large',
    `It takes ${bytes} bytes of memory; one body may take ${most}. Send more documents as application/x-ndjson.`,
  )
