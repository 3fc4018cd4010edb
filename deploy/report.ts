// What a person reads: a failure with the cluster's own words, its meaning and one remedy; ages and columns.
import { exit, stderr } from 'node:process'
import { exitCodes, type Outcome } from './exit-codes.ts'

export interface Diagnosis {
  outcome: Outcome
  /** One sentence: what is wrong, where. */
  what: string
  /** The kubelet's, the scheduler's or a tool's own words. */
  words?: string
  /** What the container's exit code means. */
  meaning?: string
  /** The last lines that the container wrote. */
  log?: readonly string[]
  /** One thing to do. */
  remedy: string
}

/** A progress or failure message. Standard output is for results only, so `url=$(./deploy.sh)` works. */
export function say(line: string): void {
  stderr.write(`${line}\n`)
}

const logLines = 30

/** The diagnosis as a person reads it, between other lines. */
export const render = (diagnosis: Diagnosis): string => `\n${tell(diagnosis, 'FAILED')}`

/** The diagnosis from its first line on, which begins with this word. */
export function tell(
  { outcome, what, words, meaning, log, remedy }: Diagnosis,
  word: string,
): string {
  const { code } = exitCodes[outcome]
  const lines = [`${word}: ${what}`]
  if (words) lines.push(`  it says:  ${words.trim().replaceAll('\n', '\n            ')}`)
  if (meaning) lines.push(`  meaning:  ${meaning}`)
  if (log && log.length > 0) {
    const last = log.slice(-logLines)
    lines.push(`  its last ${last.length === 1 ? 'line' : `${last.length} lines`}:`)
    lines.push(...last.map((line) => `    | ${line}`))
  }
  lines.push(`  remedy:   ${remedy}`, `  (exit code ${code}: ${exitCodes[outcome].meaning})`)
  return lines.join('\n')
}

/** Tells the diagnosis and ends the program with its code. */
export function giveUp(diagnosis: Diagnosis): never {
  say(render(diagnosis))
  exit(exitCodes[diagnosis.outcome].code)
}

/** `45s`, `12m`, `3h`, `9d`, as kubectl writes ages. */
export function age(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000))
  if (Number.isNaN(seconds)) return '?'
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}

/** Rows as lines, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
