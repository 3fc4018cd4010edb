// A load test as it goes on: in a terminal one line with the rate as a curve, elsewhere a row for each second.
import type { LoadSample } from './load-samples.ts'
import { secondsSince } from './load-story.ts'

const blocks = '▁▂▃▄▅▆▇█'
// For a terminal that cannot show them: Windows PowerShell 5.1 with a code page of its own.
const plainBlocks = '_.-=+*#@'

/** The last `width` values as a curve of one line, from zero to the greatest of them. */
export function sparkline(values: readonly number[], width: number, plain = false): string {
  const shown = width > 0 ? values.slice(-width) : []
  const most = Math.max(1, ...shown)
  const levels = plain ? plainBlocks : blocks
  return shown
    .map((value) => levels[Math.min(levels.length - 1, Math.floor((value / most) * levels.length))])
    .join('')
}

export interface LineOptions {
  /** Columns of the terminal. The line is never wider, so that it never wraps. */
  readonly columns?: number
  /** ASCII alone. */
  readonly plain?: boolean
}

const longestCurve = 40

/** The line for the samples so far. The curve takes the room that the figures leave. */
export function liveLine(samples: readonly LoadSample[], options: LineOptions = {}): string {
  const { columns = 80, plain = false } = options
  const last = samples.at(-1)
  if (!last) return ''
  const failures = samples.reduce((sum, each) => sum + each.failures, 0)
  const seconds = `${secondsSince(samples, last)} s`.padStart(6)
  const left = `${seconds}  ${last.replicas} pods  cpu ${last.cpu ?? '?'}/${last.target ?? '?'} %  `
  const right = `  ${last.requests} req/s  p99 ${last.p99 ?? '-'} ms  ${failures} failed`
  // A terminal moves to the next line when its last column is written.
  const room = columns - 1 - left.length - right.length
  const rates = samples.map(({ requests }) => requests)
  const curve = sparkline(rates, Math.min(room, longestCurve), plain)
  return `${left}${curve}${right}`.slice(0, Math.max(0, columns - 1))
}

/** What to write to a terminal so that the line takes the place of the one before. */
export const overwrite = (line: string): string => `\r${line}\u001b[K`

/** The head of the table that `row` makes. */
export const header = '    time  pods   cpu/target   req/s   p50 ms   p95 ms   p99 ms  failed'

/** A sample as a line of the live table. */
export function row({
  time,
  replicas,
  cpu,
  target,
  requests,
  p50,
  p95,
  p99,
  failures,
}: LoadSample) {
  const cells: [string, number][] = [
    [time.slice(11, 19), 8],
    [`${replicas}`, 6],
    [`${cpu ?? '?'}/${target ?? '?'} %`, 13],
    [`${requests}`, 8],
    ...[p50, p95, p99].map((ms): [string, number] => [ms === null ? '-' : `${ms}`, 9]),
    [`${failures}`, 8],
  ]
  return cells.map(([cell, width]) => cell.padStart(width)).join('')
}
