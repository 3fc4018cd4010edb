// How many bytes of answers may wait in memory for their clients, across all requests.
import type { ServerResponse } from 'node:http'
import { overloaded } from './problem.ts'

export type AnswerBudget = ReturnType<typeof createAnswerBudget>

/** What one answer holds. */
export interface Share {
  /**
   * The answer now holds this many bytes and waits for its client. One that has begun cannot be refused: if there is
   * no room, the one that has waited longest is cut.
   */
  setBufferedBytes(bytes: number): void
  /** The client has taken what was buffered for it. */
  noteProgress(): void
}

// Milliseconds without progress, after which an answer gives way to a new one.
const patience = 5_000

// An answer of at most this size finds room even when large ones have taken all they may.
const smallAnswer = 256 * 1024
const largeShare = 7 / 8

const nothingHeld: Share = { setBufferedBytes() {}, noteProgress() {} }

interface Entry {
  readonly response: ServerResponse
  bytes: number
  waitingSince: number
}

/** Makes a budget. The clock is in milliseconds. */
export function createAnswerBudget(limit: number, now = () => performance.now()) {
  let held = 0
  let cut = 0
  // In order: the first has waited longest.
  const waiting = new Set<Entry>()
  // One larger than the limit would never get in beside others, so an answer counts as half of it at most.
  const counted = (bytes: number) => Math.min(bytes, Math.floor(limit / 2))

  const roomFor = (bytes: number) => (bytes <= smallAnswer ? limit : Math.floor(limit * largeShare))

  const remove = (entry: Entry) => {
    waiting.delete(entry)
    held -= entry.bytes
    entry.bytes = 0
  }

  /** Cuts the answers that have waited this long, longest first, until there is room. */
  const makeRoom = (bytes: number, longEnough: number, except?: Entry): boolean => {
    const room = roomFor(bytes)
    for (const entry of waiting) {
      if (held + bytes <= room || now() - entry.waitingSince < longEnough) break
      if (entry === except) continue
      cut++
      remove(entry)
      entry.response.destroy()
    }
    return held + bytes <= room
  }

  return {
    /** Bytes that answers hold now. */
    get held() {
      return held
    },
    /** Answers cut so far. */
    get cut() {
      return cut
    },
    /**
     * Room for an answer of this many bytes, until its response is closed. If there is none, answers whose clients have
     * taken nothing for a while are cut.
     * @throws Problem `overloaded` if that is not enough
     */
    admit(response: ServerResponse, bytes: number): Share {
      // Its client has left: no 'close' will come to give the room back.
      if (response.destroyed) return nothingHeld
      if (!makeRoom(counted(bytes), patience)) {
        throw overloaded('Too many answers wait for their clients.')
      }
      const entry: Entry = { response, bytes: counted(bytes), waitingSince: now() }
      held += entry.bytes
      response.once('close', () => remove(entry))
      return {
        setBufferedBytes(more) {
          if (response.destroyed) return
          const growth = counted(more) - entry.bytes
          if (growth > 0 && held + growth > limit) makeRoom(growth, 0, entry)
          held += growth
          entry.bytes += growth
          entry.waitingSince = now()
          waiting.add(entry)
        },
        noteProgress() {
          waiting.delete(entry)
        },
      }
    },
  }
}
