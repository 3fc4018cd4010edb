// The growth series as a table and as panels of a plot.
import { type Panel, plot } from './plot.ts'
import type { Point } from './raw.ts'

const byConnections = new Set(['GET /', 'POST by connections'])

/** The section of the report, empty where nothing was measured. */
export function growthText(points: readonly Point[]): string {
  if (points.length === 0) return ''
  return [
    '## Growth',
    '',
    '![Requests a second and p99 over documents and over connections](growth.svg)',
    '',
    '| series | on | documents or connections | requests a second | p50, ms | p99, ms | peak, MB | failed |',
    '|---|---|---|---|---|---|---|---|',
    ...points.map(({ series, place, at, rate, p50, p99, peak, failed }) => {
      const cells = [series, place, at.toLocaleString('en'), answered(rate), short(p50), short(p99)]
      return `| ${[...cells, short(peak), failed].join(' | ')} |`
    }),
  ].join('\n')
}

// A step lasts for seconds: what takes longer has no answer in it.
const answered = (rate: number) => (rate > 0 ? short(rate) : 'none in time')

/** Four panels: rate and p99, over documents and over connections. */
export function growthPlot(points: readonly Point[]): string {
  const panel = (title: string, connections: boolean, figure: 'rate' | 'p99'): Panel => {
    const chosen = points.filter(({ series }) => byConnections.has(series) === connections)
    const groups = Map.groupBy(chosen, ({ series, place }) => `${series}, ${place}`)
    return {
      title,
      x: connections ? 'connections' : 'documents',
      y: figure === 'rate' ? 'requests a second' : 'p99, ms',
      series: [...groups].map(([name, group]) => ({
        title: name.replace(' by connections', ''),
        points: group
          .toSorted((left, right) => left.at - right.at)
          .map((point) => [point.at, point[figure]] as const)
          .filter(([, value]) => value > 0),
      })),
    }
  }
  return plot([
    panel('Rate over documents', false, 'rate'),
    panel('Latency over documents', false, 'p99'),
    panel('Rate over connections', true, 'rate'),
    panel('Latency over connections', true, 'p99'),
  ])
}

const short = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString()
