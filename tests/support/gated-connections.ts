// Connections to a server on 127.0.0.1 that minds each in a read gate.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createReadGate, type Gated } from '../../src/http/read-gate.ts'
import { openSocket } from './raw-request.ts'

/** Opens N connections. `onData` gets the place of each in their order, `isAnswered` says whether it has its answer at once. */
export async function openGated(
  connections: number,
  waitingWork: () => number,
  onData: (place: number, chunk: Buffer, gated: Gated) => void,
  isAnswered: (place: number, gated: Gated) => boolean = () => false,
  leaveTurn = () => {},
) {
  const gate = createReadGate(waitingWork, leaveTurn)
  const server = createServer((socket) => {
    const place = gate.connections
    const gated = gate.mind(socket, () => undefined)
    socket.on('data', (chunk: Buffer) => {
      onData(place, chunk, gated)
      gate.countRequest(gated, performance.now())
      if (isAnswered(place, gated)) gate.countAnswer(gated)
    })
  }).listen(0, '127.0.0.1')
  const sockets = await openAll(connections, server, () => gate.connections)
  const openAnother = async () => {
    const socket = await openSocket(portOf(server))
    sockets.push(socket)
    while (gate.connections < sockets.length) await nextTurn()
    return socket
  }
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { gate, sockets, openAnother, close }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** Opens N connections to a server that is about to listen, one after the other. */
export async function openAll(connections: number, server: Server, accepted: () => number) {
  await once(server, 'listening')
  const sockets: Socket[] = []
  while (sockets.length < connections) {
    sockets.push(await openSocket(portOf(server)))
    while (accepted() < sockets.length) await nextTurn()
  }
  return sockets
}
