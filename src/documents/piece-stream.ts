// An answer that is sent in pieces: it holds one of them, however long it is.
import type { ServerResponse } from 'node:http'
import type { Share } from '../http/answer-budget.ts'
import { ClientGone } from '../http/receive-body.ts'

// Bytes that are sent at once. A client that reads 4 kB a second takes the smallest in 4 s, and the budget of answers
// sees that it moves. A quick one gets more: 1 MB took 0.9 ms of CPU in the smallest pieces, half in the largest.
const sentBytes = { least: 16 * 1024, most: 64 * 1024 }
// Milliseconds.
const atOnce = 1
/** What an answer holds beside its pieces, in bytes: its socket, its parser, its objects. */
export const streamBytes = 16 * 1024

/** Sends a piece, and resolves when the system has it. `held`: bytes in memory beside the piece. */
export type SendPiece = (piece: Buffer, held: number) => Promise<void>

/** Makes the stream of an answer whose head is out. */
export function createPieceStream(response: ServerResponse, share: Share): SendPiece {
  let size = sentBytes.least
  // Fails the write that is under way.
  let leave: (() => void) | undefined
  response.once('close', () => leave?.())

  // Waits until the bytes are with the system: memory stays flat while a client is slow.
  const write = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      if (response.destroyed) throw new ClientGone()
      leave = () => reject(new ClientGone())
      response.write(bytes, (error) => {
        if (error) leave?.()
        else resolve()
        leave = undefined
      })
    })

  return async (piece, held) => {
    for (let at = 0; at < piece.length; ) {
      const from = performance.now()
      share.setBufferedBytes(piece.length + held)
      await write(piece.subarray(at, at + size))
      share.noteProgress()
      at += size
      const isQuick = performance.now() - from < atOnce
      size = isQuick ? Math.min(size * 2, sentBytes.most) : sentBytes.least
    }
  }
}
