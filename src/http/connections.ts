// The connections of the server: how many may be open, and which requests of each wait their turn.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createTimedTurns, leaveTurnToConnections } from '../fair-turns.ts'
import { answerClientError, isQuiet, isReset, refuseConnect } from './client-error.ts'
import type { Underway } from './dispatch.ts'
import { createPipeline, ignoreRequests, type Pipeline } from './pipeline.ts'
import { createReadGate, type Gated } from './read-gate.ts'

/** What is kept of a connection. */
export interface Connection {
  readonly pipeline: Pipeline
  readonly gated: Gated
}

/** What a connection brought instead of a request. */
interface Fault {
  readonly error: Error
  readonly socket: Duplex
  readonly pipeline: Pipeline
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
  const connections = new WeakMap<Duplex, Connection>()
  const gate = createReadGate(waitingWork, leaveTurnToConnections)
  const answerFault = ({ error, socket, pipeline }: Fault) =>
    answerClientError(error, socket, pipeline)
  // The gate does not keep these out: 2,000 clients that ended at the same moment kept others waiting for 0.6 s, and
  // 11,000 heads whose time was over for 1.1.
  const quietFaults = createTimedTurns(faultTime, answerFault)
  let waiting = 0

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
    const pipeline = createPipeline(socket)
    const gated = gate.mind(socket, () => pipeline.receiving)
    connections.set(socket, { pipeline, gated })
    socket.once('close', () => {
      waiting -= pipeline.waiting
      pipeline.drop()
    })
    leaveTurnToConnections()
  })
  server.on('clientError', (error, socket) => {
    const pipeline = connections.get(socket)?.pipeline
    if (isReset(error) || !pipeline) {
      gate.countEnd()
      socket.destroy()
    } else if (pipeline.breakOff()) {
      const fault = { error, socket, pipeline }
      if (!isQuiet(error)) gate.count(faultWork)
      else if (!quietFaults.mayStart()) return quietFaults.startLater(fault)
      answerFault(fault)
    }
  })
  server.on('connect', (_request, socket) => {
    const pipeline = connections.get(socket)?.pipeline
    if (pipeline) refuseConnect(socket, pipeline)
  })

  return {
    /** Whether some are not read, and may have sent requests. */
    hasStopped: () => gate.isClosed,
    get open() {
      return gate.connections
    },
    /** Requests of all connections that wait for another one of their connection. */
    get waiting() {
      return waiting
    },
    /** Undefined if there were too many when it came. */
    connectionOf: (socket: Duplex) => connections.get(socket),
    take(request: Underway) {
      const admission = request.connection.pipeline.take(request, waiting < maxWaiting)
      if (admission === 'begin') gate.countRequest(request.connection.gated, request.startedAt)
      else if (admission === 'wait') {
        waiting++
        gate.count(1)
      } else if (admission === 'refuse') {
        gate.count(restOfRead)
        ignoreRequests(request.request.socket)
      } else if (admission === 'ignore') ignoreRequests(request.request.socket)
      return admission
    },
    /** The request is answered, or never will be. Returns the one of the same connection that begins now. */
    finish(request: Underway) {
      const { pipeline, gated } = request.connection
      gate.countAnswer(gated)
      const before = pipeline.waiting
      const next = pipeline.done(request)
      waiting -= before - pipeline.waiting
      return next
    },
    /** Closes every connection, those of refused CONNECTs too, which Node's server has let go of. */
    closeAll: gate.closeAll,
  }
}
