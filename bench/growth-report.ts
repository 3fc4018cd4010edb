// The growth series as a table and as panels of a plot.
import { type Panel, plot } from './plot.ts'
import { short } from './report.ts'
import type { Point } from './runs.ts'

type Over = 'documents' | 'connections' | 'pods'

const overOf = ({ series, place }: Point): Over =>
  place === 'cluster'
    ? 'pods'
    : series === 'GET /' || series === 'POST by connections'
      ? 'connections'
      : 'documents'

/** The section of the report, empty if nothing was measured. */
export function growthText(points: readonly Point[]): string {
  if (points.length === 0) return ''
  const pods = points.filter((point) => overOf(point) === 'pods')
  const steps = points.flatMap((point) => {
    if (overOf(point) === 'pods' || point.peer !== 'ours') return []
    const { series, place, at } = point
    const before = points.find(
      (each) =>
        each.peer === 'base' && each.series === series && each.place === place && each.at === at,
    )
    return { point, before }
  })
  return [
    '## Growth',
    '',
    '![Requests a second and p99 over documents, connections and pods](growth.svg)',
    '',
    ...againstBefore(steps),
    '| series | on | documents or connections | requests a second | before | p50, ms | p99, ms | before | peak, MB | failed |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...steps.map(({ point, before }) => {
      const { series, place, at, rate, p50, p99, peak, failed } = point
      const cells = [
        ...[
          series,
          place,
          at.toLocaleString('en'),
          answered(rate),
          before ? answered(before.rate) : '',
        ],
        ...[short(p50), short(p99), before ? short(before.p99) : '', short(peak), failed],
      ]
      return `| ${cells.join(' | ')} |`
    }),
    ...podsTable(pods),
  ].join('\n')
}

interface Step {
  readonly point: Point
  readonly before: Point | undefined
}

function againstBefore(steps: readonly Step[]): string[] {
  const ratios = steps
    .flatMap(({ point, before }) =>
      before && before.rate > 0 ? { point, ratio: point.rate / before.rate } : [],
    )
    .toSorted((left, right) => left.ratio - right.ratio)
  const [least] = ratios
  const middle = ratios[ratios.length >> 1]
  if (!least || !middle) return []
  const { series, at } = least.point
  return [
    `Against the build before, in the same run: ${short(middle.ratio)} times as many requests a second in the middle of ${ratios.length} steps,`,
    `${short(least.ratio)} in the worst (${series}, ${at.toLocaleString('en')}).`,
    '',
  ]
}

function podsTable(points: readonly Point[]): string[] {
  if (points.length === 0) return []
  const cores = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2))
  return [
    '',
    'Pods on the cluster, with the CPU cores that each part used meanwhile. "Machine" is all of it, with Kubernetes.',
    '',
    '| series | pods | requests a second | p50, ms | p99, ms | failed | service | database | load | machine |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...points.map(({ series, at, rate, p50, p99, failed, cores: used }) => {
      const cells = [
        series.replace(' by pods', ''),
        at,
        short(rate),
        short(p50),
        short(p99),
        failed,
      ]
      const all = [used?.service, used?.database, used?.load, used?.machine].map(cores)
      return `| ${[...cells, ...all].join(' | ')} |`
    }),
  ]
}

// A step lasts for seconds: what takes longer has no answer in it.
const answered = (rate: number) => (rate > 0 ? short(rate) : 'none in time')

/** Panels of rate and p99, over documents, over connections and over pods, if they were measured. */
export function growthPlot(points: readonly Point[]): string {
  const panel = (over: Over, figure: 'rate' | 'p99'): Panel => {
    const chosen = points.filter((point) => overOf(point) === over && point.peer === 'ours')
    const groups = Map.groupBy(chosen, ({ series, place }) => `${series}, ${place}`)
    return {
      title: `${figure === 'rate' ? 'Rate' : 'Latency'} over ${over}`,
      x: over,
      y:
        figure === 'rate'
          ? 'requests a second: higher is better'
          : '99th percentile in ms: lower is better',
      series: [...groups].map(([name, group]) => ({
        title: name.replace(/ by \w+/, ''),
        points: group
          .toSorted((left, right) => left.at - right.at)
          .map((point) => [point.at, point[figure]] as const)
          .filter(([, value]) => value > 0),
      })),
    }
  }
  const overs = (['documents', 'connections', 'pods'] as const).filter((over) =>
    points.some((point) => overOf(point) === over),
  )
  return plot(overs.flatMap((over) => [panel(over, 'rate'), panel(over, 'p99')]))
}
