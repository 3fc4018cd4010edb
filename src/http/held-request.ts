// A request whose connection is left alone for a moment: a body in many small chunks takes its turn.
import { nextPiece } from './fair-turns.ts'

const { IncomingMessage } = process.getBuiltinModule('node:http')

// Node reads up to 2 MiB of a connection in a turn of the event loop. A chunk takes 1 to 5 us whatever its
// size: in chunks of one byte that was over a second, for each connection (measured).
const chunksInARow = 512

/** What the server makes of each request. After many chunks it waits for its turn among all long work. */
export class HeldRequest extends IncomingMessage {
  #chunks = 0
  #held = false

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (++this.#chunks >= chunksInARow && !this.#held && chunk !== null) this.#hold()
    return super.push(chunk, encoding)
  }

  // The stream asks for more whenever a chunk has come, and that makes the connection read on.
  override _read(size: number): void {
    if (!this.#held) super._read(size)
  }

  #hold(): void {
    this.#held = true
    this.socket.pause()
    nextPiece().then(() => {
      this.#chunks = 0
      this.#held = false
      this._read(0)
    })
  }
}
