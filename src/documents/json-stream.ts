// An answer of JSON that is written while it is sent: it holds one chunk, however long it is.
import type { ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { nextPiece } from '../fair-turns.ts'
import type { Share } from '../http/answer-budget.ts'
import { ClientGone } from '../http/receive-body.ts'
import { JsonWriter } from '../store/json-writer.ts'

/** Bytes of JSON that are written in one turn of the event loop: 0.2 to 2 ms (measured). */
export const chunkBytes = 128 * 1024
/** What a writer may then hold. */
export const chunkMemory = chunkBytes + 32 * 1024
// A client that reads 4 kB a second takes so much in 4 s, and the budget of answers sees that it moves.
const sentBytes = 16 * 1024
// Milliseconds that a client may keep others waiting for their turn.
const patience = 1000

export interface JsonStream {
  readonly writer: JsonWriter
  /**
   * Sends what is written, waits until the system has it, and then for a turn: without turns, 2,000 readers
   * of a long list kept other clients waiting for 18 s (measured). `held` is what the answer has in
   * memory beside its chunk, in bytes.
   */
  flush(held: number): Promise<void>
  /** Sends the rest. */
  end(): void
  /** Resolves when the client has kept the stream waiting for a second in all. */
  readonly slow: Promise<void>
}

/** Makes the stream of an answer whose head is out. `size` is the writer's, in bytes. */
export function createJsonStream(response: ServerResponse, share: Share, size: number): JsonStream {
  const writer = new JsonWriter(size)
  const { promise: slow, resolve } = Promise.withResolvers<void>()
  let left = patience

  const send = async (held: number) => {
    const { bytes } = writer
    const begun = performance.now()
    const timer = setTimeout(resolve, left)
    try {
      for (let at = 0; at < bytes.length; at += sentBytes) {
        share.setBufferedBytes(bytes.length + held)
        await write(response, bytes.subarray(at, at + sentBytes))
        share.noteProgress()
      }
    } finally {
      clearTimeout(timer)
      left = Math.max(left - (performance.now() - begun), 0)
    }
  }

  const flush = async (held: number) => {
    await send(held)
    await nextPiece()
    writer.clear()
  }

  return {
    writer,
    slow,
    flush,
    end() {
      share.setBufferedBytes(writer.length)
      response.end(writer.bytes)
    },
  }
}

// Waits until the bytes are with the system: that keeps memory flat behind a slow client, and the
// writer's memory free for the next chunk.
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) throw new ClientGone()
    const onClose = () => reject(new ClientGone())
    response.once('close', onClose)
    response.write(chunk, (error) => {
      response.off('close', onClose)
      if (error) reject(new ClientGone())
      else resolve()
    })
  })
}
