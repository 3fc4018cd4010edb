// A process of its own that asks as fast as it can: `flood.ts PORT SECONDS CONNECTIONS`. Prints how often
// each status came, as JSON.
import { keepAlive } from './keep-alive.ts'

const [port = 0, seconds = 0, connections = 0] = process.argv.slice(2).map(Number)
const until = Date.now() + seconds * 1000
const counts: Record<string, number> = {}

async function ask(client: number): Promise<void> {
  while (Date.now() < until) {
    try {
      const api = await keepAlive(port)
      for (let n = 0; Date.now() < until; n++) {
        const body = n % 2 === 0 ? `{"client":${client},"n":${n}}` : ''
        const { status } = await api.send(body ? 'POST' : 'GET', body ? '/data' : '/data/x', body)
        counts[status] = (counts[status] ?? 0) + 1
      }
      api.close()
    } catch {
      counts.cut = (counts.cut ?? 0) + 1
    }
  }
}

await Promise.all(Array.from({ length: connections }, (_, client) => ask(client)))
process.stdout.write(JSON.stringify(counts))
