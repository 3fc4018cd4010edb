// An answer that is sent in pieces: it holds one of them, however long it is.
import type { ServerResponse } from 'node:http'
import type { Share } from '../http/answer-budget.ts'
import { ClientGone } from '../http/receive-body.ts'

// A client that reads 4 kB a second takes this much in 4 s, and the budget of answers sees progress.
const sentBytes = 16 * 1024
/** What an answer holds beside its pieces, in bytes: its socket, its parser, its objects. */
export const streamBytes = 16 * 1024

/**
 * Sends a piece, and resolves when the system has it. `held` is what the answer has in memory beside the
 * piece, in bytes.
 */
export type SendPiece = (piece: Buffer, held: number) => Promise<void>

/** Makes what sends the pieces of an answer whose head is out. */
export const createPieceStream =
  (response: ServerResponse, share: Share): SendPiece =>
  async (piece, held) => {
    for (let at = 0; at < piece.length; at += sentBytes) {
      share.setBufferedBytes(piece.length + held)
      await write(response, piece.subarray(at, at + sentBytes))
      share.noteProgress()
    }
  }

// Waits until the bytes are with the system: that keeps memory flat while a client is slow, and the memory
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
