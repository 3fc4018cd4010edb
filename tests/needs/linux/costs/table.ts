// Prints the table of docs/reliability.md: `table.ts RUN [BEFORE]`, what costs.test.ts printed of this build
// and of one before.
import { readFileSync } from 'node:fs'

interface Row {
  /** Milliseconds, of reads and writes together; those of a store's lock are of reads. */
  readonly p99: string
  readonly resident: string
  readonly answers: string
}

const pattern =
  /\| (?<kind>[^:|]+): (?<attack>[^|]+), (?<limits>default limits|MAX_BODY=32MiB), (?<store>\w+) \| (?<reads>\d+) \/ (?<writes>\d+) \|[^|]+\|[^|]+\|[^|]+\| (?<resident>[^|]+) \| (?<answers>[^|]+) \|/g

/** Rows by kind, then by attack and store, then by limits. */
function rowsOf(file: string): Map<string, Map<string, Map<string, Row>>> {
  const kinds = new Map<string, Map<string, Map<string, Row>>>()
  for (const { groups } of readFileSync(file, 'utf8').matchAll(pattern)) {
    const { kind = '', attack = '', limits = '', store = '', reads, writes } = groups ?? {}
    const attacks = kinds.get(kind) ?? new Map<string, Map<string, Row>>()
    kinds.set(kind, attacks)
    const name = store === 'SQLite' ? attack : `the same, ${store}`
    const place = store === 'SQLite' ? name : `${attack} ${store}`
    const forms = attacks.get(place) ?? new Map<string, Row>()
    attacks.set(place, forms)
    const p99 = String(Math.max(Number(reads), kind.startsWith('a wait') ? 0 : Number(writes)))
    const { resident = '', answers = '' } = groups ?? {}
    forms.set(limits, { p99, resident, answers })
  }
  return kinds
}

const [run = '', before] = process.argv.slice(2)
const earlier = before === undefined ? undefined : rowsOf(before)

const cell = (forms: Map<string, Row> | undefined, read: (row: Row) => string) => {
  const texts = [...(forms?.values() ?? [])].map(read)
  return new Set(texts).size === 1 ? (texts[0] ?? '') : texts.join('; ')
}

const print = (text: string) => process.stdout.write(`${text}\n`)
print('| attack | p99 ms | resident MiB | answers | before |')
print('|---|---|---|---|---|')
for (const [kind, attacks] of rowsOf(run)) {
  print(`| **${kind}** | | | | |`)
  for (const [place, forms] of attacks) {
    const was = earlier?.get(kind)?.get(place)
    const shown = cell(was, ({ p99, resident }) =>
      resident === 'ended' ? 'ended' : `${p99} ms, ${resident} MiB`,
    )
    const cells = [
      place,
      cell(forms, ({ p99 }) => p99),
      cell(forms, ({ resident }) => resident),
      cell(forms, ({ answers }) => answers),
      shown,
    ]
    print(`| ${cells.join(' | ')} |`)
  }
}
