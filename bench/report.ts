// The text of bench/results.md, out of the runs.
import type { Run } from './raw.ts'

/** The report. */
export function report(runs: readonly Run[]): string {
  return `# Results\n\n${runs.length} runs\n`
}
