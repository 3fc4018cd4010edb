// An answer that is sent in pieces: it holds one of them, however long it is.
import type { ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Share } from '../http/answer-budget.ts'
import { ClientGone } from '../http/receive-body.ts'

// A client that reads 4 kB a second takes so much in 4 s, and the budget of answers sees that it moves.
const sentBytes = 16 * 1024
// Milliseconds that a client may keep others waiting for their turn.
const patience = 1000

export interface PieceStream {
  /**
   * Sends the piece, and resolves when the system has it. `held` is what the answer has in memory beside
   * the piece, in bytes.
   */
  send(piece: Buffer, held: number): Promise<void>
  /** Resolves when the client has kept the stream waiting for a second in all. */
  readonly slow: Promise<void>
}

/** Makes the stream of an answer whose head is out. */
export function createPieceStream(response: ServerResponse, share: Share): PieceStream {
  const { promise: slow, resolve } = Promise.withResolvers<void>()
  let left = patience
  return {
    slow,
    async send(piece, held) {
      const begun = performance.now()
      const timer = setTimeout(resolve, left)
      try {
        for (let at = 0; at < piece.length; at += sentBytes) {
          share.setBufferedBytes(piece.length + held)
          await write(response, piece.subarray(at, at + sentBytes))
          share.noteProgress()
        }
      } finally {
        clearTimeout(timer)
        left = Math.max(left - (performance.now() - begun), 0)
      }
    },
  }
}

// Waits until the bytes are with the system: that keeps memory flat behind a slow client, and the memory
// of the piece free for the next one.
function write(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) throw new ClientGone()
    const onClose = () => reject(new ClientGone())
    response.once('close', onClose)
    response.write(piece, (error) => {
      response.off('close', onClose)
      if (error) reject(new ClientGone())
      else resolve()
    })
  })
}
