// The connections of the server: how many may be open, and which requests of each wait their turn.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createTimedTurns, leaveTurnToConnections } from '../fair-turns.ts'
import { answerClientError, isQuiet, isReset, refuseConnect } from './client-error.ts'
import type { Underway } from './dispatch.ts'
import { createPipeline, ignoreRequests, type Pipeline } from './pipeline.ts'
import { createReadGate } from './read-gate.ts'

/** What a connection brought instead of a request. */
interface Fault {
  readonly error: Error
  readonly socket: Duplex
}

const maxWaiting = 1_000
// What may follow a refused request in the same read, counted as waiting requests.
const restOfRead = 200
// A fault counts as this many waiting requests: 50 answers to faults take 7 ms, and 9,000 in one turn kept others waiting
// for 1.5 s.
const faultWork = 20
// Milliseconds of a turn for answers to clients that have ended.
const faultTime = 2

// Bytes of a head, and fewer on each connection after the first 2,000: an incomplete head is on the heap, and no event
// tells of it. 11,500 connections with 14 kB each ended the process.
const maxHead = 16 * 1024
const maxLateHead = 4 * 1024
const roomyConnections = 2_000

/**
 * Keeps track of the connections of a server, from `connection` to `close`. More than `maxConnections` are
 * closed at once. `waitingWork`, in bytes, is that of requests that wait to begin.
 */
export function trackConnections(
  server: Server,
  maxConnections: number,
  waitingWork: () => number,
) {
  const pipelines = new WeakMap<Duplex, Pipeline>()
  const receiving = (socket: Socket) => {
    const request = pipelines.get(socket)?.open[0]?.request
    return request?.isReceiving ? request : undefined
  }
  const gate = createReadGate(waitingWork, receiving, leaveTurnToConnections)
  const answerFault = ({ error, socket }: Fault) =>
    answerClientError(error, socket, pipelineOf(socket))
  // The gate does not keep these out: 2,000 clients that ended at the same moment kept others waiting for 0.6 s, and
  // 11,000 heads whose time was over for 1.1.
  const quietFaults = createTimedTurns(faultTime, answerFault)
  let waiting = 0

  const pipelineOf = (socket: Duplex): Pipeline => {
    const known = pipelines.get(socket)
    if (known) return known
    const made = createPipeline(socket)
    pipelines.set(socket, made)
    socket.once('close', () => {
      waiting -= made.waiting
      made.drop()
    })
    return made
  }

  // Node reads it for each new connection, but it has no type.
  Object.defineProperty(server, 'maxHeaderSize', {
    get: () => (gate.connections < roomyConnections ? maxHead : maxLateHead),
  })

  server.on('connection', (socket: Socket) => {
    // Here, not as `maxConnections` of a listener: localhost has two of them (listen.ts).
    if (gate.connections >= maxConnections) {
      socket.destroy()
      return
    }
    gate.mind(socket)
    leaveTurnToConnections()
  })
  server.on('clientError', (error, socket) => {
    const fault = { error, socket }
    if (isReset(error)) {
      gate.countEnd()
      socket.destroy()
    } else if (pipelineOf(socket).breakOff()) {
      if (isQuiet(error)) quietFaults.begin(fault)
      else {
        gate.count(faultWork)
        answerFault(fault)
      }
    }
  })
  server.on('connect', (_request, socket) => refuseConnect(socket, pipelineOf(socket)))

  return {
    /** Whether some are not read, and may have sent requests. */
    hasStopped: gate.isClosed,
    get open() {
      return gate.connections
    },
    /** Requests of all connections that wait for another one of their connection. */
    get waiting() {
      return waiting
    },
    take(request: Underway) {
      const { socket } = request.request
      const admission = pipelineOf(socket).take(request, waiting < maxWaiting)
      if (admission === 'begin') gate.checkWork()
      else if (admission === 'wait') {
        waiting++
        gate.count(1)
      } else if (admission === 'refuse') {
        gate.count(restOfRead)
        ignoreRequests(socket)
      } else if (admission === 'ignore') ignoreRequests(socket)
      return admission
    },
    /** The request is answered, or never will be. Returns the one of the same connection that begins now. */
    finish(request: Underway) {
      const { socket } = request.request
      gate.countAnswer(socket)
      const pipeline = pipelineOf(socket)
      const before = pipeline.waiting
      const next = pipeline.done(request)
      waiting -= before - pipeline.waiting
      return next
    },
    /** Closes every connection, those of refused CONNECTs too, which Node's server has let go of. */
    closeAll: gate.closeAll,
  }
}
