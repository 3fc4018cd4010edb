// The middle of several runs, and how far they lie apart.

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly runs: number
}

/** The median and the ends of some figures. @throws RangeError where there is none */
export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((left, right) => left - right)
  const [least] = sorted
  const most = sorted.at(-1)
  if (least === undefined || most === undefined) throw new RangeError('a median of nothing')
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? least
  const lower = sorted[sorted.length - 1 - middle] ?? least
  return { median: (lower + upper) / 2, least, most, runs: sorted.length }
}

/** The median of some figures. @throws RangeError where there is none */
export const median = (figures: readonly number[]): number => spread(figures).median
