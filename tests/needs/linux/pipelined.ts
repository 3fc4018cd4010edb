// A process of its own that sends requests at a fixed rate and waits for no answer:
// `pipelined.ts PORT SECONDS CONNECTIONS RATE`. Prints what was due, sent and answered, as JSON.
import { connect, type Socket } from 'node:net'

const [port = 0, seconds = 0, connections = 1, rate = 0] = process.argv.slice(2).map(Number)
const request = Buffer.from('GET /data/x HTTP/1.1\r\nHost: x\r\n\r\n')
const status = Buffer.from('HTTP/1.1 ')
const interval = 10

const counts: Record<string, number> = { due: 0, sent: 0 }
const add = (name: string, amount = 1) => {
  counts[name] = (counts[name] ?? 0) + amount
}

// An answer's status line may come in two chunks: what could be its beginning is kept.
function countAnswers(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk])
    let at = 0
    for (;;) {
      const found = bytes.indexOf(status, at)
      if (found < 0 || found + 12 > bytes.length) break
      at = found + 12
      add(bytes.toString('latin1', found + 9, at))
    }
    rest = bytes.subarray(Math.max(at, bytes.length - 11))
  })
}

// The service closes a connection on which too much waits: the next one takes its place.
function open(index: number): void {
  const socket = connect(port, '127.0.0.1')
  sockets[index] = socket
  socket.on('error', () => {})
  countAnswers(socket)
  socket.on('close', () => {
    if (over) return
    add('closed')
    setTimeout(() => !over && open(index), interval)
  })
}

const sockets: Socket[] = []
let over = false
for (let index = 0; index < connections; index++) open(index)
const startedAt = performance.now()
let turn = 0
const timer = setInterval(() => {
  const elapsed = Math.min(performance.now() - startedAt, seconds * 1000)
  const wanted = Math.floor((elapsed / 1000) * rate) - (counts.due ?? 0)
  add('due', wanted)
  const share = Math.ceil(wanted / connections)
  for (let left = wanted; left > 0; left -= share) {
    const socket = sockets[turn++ % connections]
    const amount = Math.min(share, left)
    // What the service does not read stays with the sender: more of it would fill its own memory.
    if (!socket?.writable || socket.writableNeedDrain) continue
    socket.write(Buffer.alloc(request.length * amount, request))
    add('sent', amount)
  }
  if (elapsed < seconds * 1000) return
  over = true
  clearInterval(timer)
  for (const socket of sockets) socket.destroy()
  process.stdout.write(JSON.stringify(counts))
}, interval)
