// Prints the table of docs/reliability.md: `table.ts RUN`, the file with what a run of costs.linux.ts printed.
import { readFileSync } from 'node:fs'

interface Row {
  /** Milliseconds, the greater of reads and writes; the reads alone beside a store that is locked. */
  readonly p99: number
  /** Milliseconds that it was above that of the service that nobody attacked. */
  readonly excess: number
  readonly residentMebibytes: number
  readonly attack: string
}

const pattern =
  /\| (?<kind>[^:|]+): (?<attack>[^|]+), (?<limits>default limits|MAX_BODY=32MiB), (?<store>\w+) \| (?<reads>\d+) \/ (?<writes>\d+) \| (?<idleReads>\d+) \/ (?<idleWrites>\d+) \|[^|]+\|[^|]+\| (?<resident>\d+) \|/g

/** Rows by kind and store, and there by attack and limits: a repetition takes the place of the first attempt. */
function rowsOf(run: string): Map<string, Map<string, Row>> {
  const kinds = new Map<string, Map<string, Row>>()
  for (const { groups = {} } of run.matchAll(pattern)) {
    const { kind = '', attack = '', limits, store, resident } = groups
    const place = `${kind} | ${store}`
    const rows = kinds.get(place) ?? new Map<string, Row>()
    kinds.set(place, rows)
    const sorts = kind.startsWith('a wait') ? (['reads'] as const) : (['reads', 'writes'] as const)
    const idle = { reads: Number(groups.idleReads), writes: Number(groups.idleWrites) }
    const p99 = Math.max(...sorts.map((sort) => Number(groups[sort])))
    const excess = Math.max(0, ...sorts.map((sort) => Number(groups[sort]) - idle[sort]))
    rows.set(`${attack}, ${limits}`, { p99, excess, residentMebibytes: Number(resident), attack })
  }
  return kinds
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]

const [file = ''] = process.argv.slice(2)
const print = (text: string) => process.stdout.write(`${text}\n`)
print('| kind | store | attacks | runs | p99 ms, median | most above idle | beside | MiB, most |')
print('|---|---|---|---|---|---|---|---|')
for (const [place, byAttack] of rowsOf(readFileSync(file, 'utf8'))) {
  const rows = [...byAttack.values()]
  const worst = rows.toSorted((a, b) => b.excess - a.excess)[0]
  const cells = [
    place,
    new Set(rows.map(({ attack }) => attack)).size,
    rows.length,
    median(rows.map(({ p99 }) => p99)),
    worst?.excess,
    worst?.attack,
    Math.max(...rows.map(({ residentMebibytes }) => residentMebibytes)),
  ]
  print(`| ${cells.join(' | ')} |`)
}
