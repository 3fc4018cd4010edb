// Prints the table of docs/reliability.md: `table.ts RUN`, the file with what a run of costs.linux.ts printed.
import { readFileSync } from 'node:fs'

interface Row {
  /** Milliseconds, the greater of reads and writes; the reads alone beside a store that is locked. */
  readonly p99: number
  readonly residentMebibytes: number
  readonly attack: string
}

const pattern =
  /\| (?<kind>[^:|]+): (?<attack>[^|]+), (?:default limits|MAX_BODY=32MiB), (?<store>\w+) \| (?<reads>\d+) \/ (?<writes>\d+) \|[^|]+\|[^|]+\|[^|]+\| (?<resident>\d+) \|/g

/** Rows by kind and store. */
function rowsOf(run: string): Map<string, Row[]> {
  const kinds = new Map<string, Row[]>()
  for (const { groups } of run.matchAll(pattern)) {
    const { kind = '', attack = '', store = '', reads, writes, resident } = groups ?? {}
    const place = `${kind} | ${store}`
    const rows = kinds.get(place) ?? []
    kinds.set(place, rows)
    const p99 = Math.max(Number(reads), kind.startsWith('a wait') ? 0 : Number(writes))
    rows.push({ p99, residentMebibytes: Number(resident), attack })
  }
  return kinds
}

const [file = ''] = process.argv.slice(2)
const print = (text: string) => process.stdout.write(`${text}\n`)
print('| kind | store | attacks | runs | p99 ms, median | worst | beside | MiB, most |')
print('|---|---|---|---|---|---|---|---|')
for (const [place, rows] of rowsOf(readFileSync(file, 'utf8'))) {
  const inOrder = rows.toSorted((a, b) => a.p99 - b.p99)
  const worst = inOrder.at(-1)
  const cells = [
    place,
    new Set(rows.map(({ attack }) => attack)).size,
    rows.length,
    inOrder[rows.length >> 1]?.p99,
    worst?.p99,
    worst?.attack,
    Math.max(...rows.map(({ residentMebibytes }) => residentMebibytes)),
  ]
  print(`| ${cells.join(' | ')} |`)
}
