// The requests of one connection that wait for their answers, and which of them still count.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createTurnShare, type TurnShare } from './request-turns.ts'

export interface Pipeline {
  /** The answers that are not out yet, oldest first. */
  readonly open: readonly ServerResponse[]
  readonly turns: TurnShare
  /**
   * Takes a request in. False where it comes behind the connection's last answer, so that it must not
   * be processed (RFC 9112, section 9.6). Node hands it over all the same: it may give it the socket
   * before an older request has its answer, and then ends the process by an assertion (26.10.0).
   */
  take(response: ServerResponse, retiring: boolean): boolean
  /** The answer is out, or never will be. */
  done(response: ServerResponse): void
  /** True once: Node tells of every chunk behind the first fault. */
  breakOff(): boolean
}

const pipelines = new WeakMap<Duplex, Pipeline>()

/** The pipeline of the connection. */
export function pipelineOf(socket: Duplex): Pipeline {
  const known = pipelines.get(socket)
  if (known) return known
  const made = createPipeline()
  pipelines.set(socket, made)
  return made
}

function createPipeline(): Pipeline {
  const open: ServerResponse[] = []
  let ended = false
  let brokenOff = false
  return {
    open,
    turns: createTurnShare(),
    take(response, retiring) {
      // Every answer of a shutdown is a last one; one to HTTP/1.0 ends with the connection where it
      // has no length.
      ended ||= open.some(
        (answer) => retiring || isLast(answer) || answer.req.httpVersion === '1.0',
      )
      if (ended) return false
      open.push(response)
      return true
    },
    done(response) {
      ended ||= isLast(response)
      open.splice(open.indexOf(response), 1)
    },
    breakOff() {
      const isFirst = !brokenOff
      brokenOff = true
      return isFirst
    },
  }
}

const isLast = (response: ServerResponse) => !response.shouldKeepAlive
