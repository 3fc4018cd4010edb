// A process of its own that runs one attack: `attacker.ts NAME PORT SECONDS FILE`. Prints what it saw, as JSON.
import type { Target } from './attack.ts'
import { kinds } from './kinds.ts'
import { openWire, type Wire } from './wire.ts'

const [name = '', port = '', seconds = '', dataFile = ''] = process.argv.slice(2)
const attack = kinds.flatMap(({ attacks }) => attacks).find((each) => each.name === name)
if (!attack) throw new Error(`There is no attack "${name}".`)

// A service that is gone is asked no more.
const maxUnreachable = 20

const seen: Record<string, number> = {}
const wires = new Set<Wire>()
let over = false
const end = () => {
  over = true
  for (const { socket } of wires) socket.destroy()
}
const timer = setTimeout(end, Number(seconds) * 1000)

const target: Target = {
  dataFile,
  get over() {
    return over
  },
  count(what, times = 1) {
    seen[what] = (seen[what] ?? 0) + times
    if (what === 'unreachable' && (seen[what] ?? 0) >= maxUnreachable) end()
  },
  async connect() {
    const wire = await openWire(Number(port), this.count)
    wires.add(wire)
    wire.socket.on('close', () => wires.delete(wire))
    if (over) wire.socket.destroy()
    return wire
  },
}

await attack.run(target)
clearTimeout(timer)
end()
process.stdout.write(JSON.stringify(seen))
