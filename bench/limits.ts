// Who was the limit in each row: the service, or the core of the load generator and the database.
import type { Figures } from './figures.ts'

// CPU time comes in hundredths of a second, and a window begins and ends between them.
const full = 0.9

/** The section of the report that says how busy the load generator was. */
export function limitsText(figures: readonly Figures[]): string[] {
  const loaded = figures.filter(({ wrkBusy }) => wrkBusy.median > 0)
  const busiest = loaded.toSorted((left, right) => right.wrkBusy.median - left.wrkBusy.median)[0]
  if (!busiest) return []
  const name = ({ scenario, place, peer }: Figures) => `${scenario} ${place} ${peer}`
  const shared = (each: Figures) => each.wrkBusy.median + each.databaseBusy.median
  const byService = loaded.filter(({ busy }) => busy.median >= full)
  const byShared = loaded.filter((each) => each.busy.median < full && shared(each) >= full)
  const neither = loaded.filter((each) => each.busy.median < full && shared(each) < full)
  const list = (rows: readonly Figures[]) => rows.map(name).join(', ') || 'none'
  return [
    '## Was the load generator the limit?',
    '',
    'Each run records the CPU time of the load generator, the service and the database. The load generator used at',
    `most ${busiest.wrkBusy.most.toFixed(2)} of its core in any run (its highest median is ${busiest.wrkBusy.median.toFixed(2)}, ${name(busiest)}).`,
    '',
    `- The service's own core was the limit (${full} of it or more used) in ${byService.length} of ${loaded.length} rows.`,
    `- Load and database, which share a core where there are only two, filled it in ${byShared.length}: ${list(byShared)}.`,
    `- In ${neither.length} neither core was full: the service waits for answers of the database, for the disk, or the load is`,
    `  one connection. They are ${list(neither)}.`,
    '',
  ]
}
