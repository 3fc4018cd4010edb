// What Prometheus makes of the rules: real scrapes become series, and promtool says which alerts fire.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toYaml } from '../../../manifests/yaml.ts'

export interface Series {
  readonly name: string
  /** As text: `method="GET",status="200"`. */
  readonly labels: string
  /** At the first scrape. */
  readonly start: number
  /** What each later scrape adds. */
  readonly step: number
}

const samplesIn = (scrape: string): Map<string, number> =>
  new Map(
    [...scrape.matchAll(/^([a-z_]+(?:\{.*\})?) (\S+)$/gm)].map(([, key = '', value]) => [
      key,
      Number(value),
    ]),
  )

/** Two scrapes of a service: what its counters gained between them they go on to gain; gauges stay. */
export function seriesOf(before: string, after: string): Series[] {
  const earlier = samplesIn(before)
  const gauges = new Set([...after.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name = '']) => name))
  return [...samplesIn(after)].map(([key, value]) => {
    const [, name = '', labels = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(key) ?? []
    if (gauges.has(name)) return { name, labels, start: value, step: 0 }
    const start = earlier.get(key) ?? 0
    return { name, labels, start, step: value - start }
  })
}

const pods = ['app-1', 'app-2']
const inputOf = ({ name, labels, start, step }: Series, pod: string, scrapes: number) => ({
  series: `${name}{job="data-service",namespace="mongo",pod="${pod}"${labels && `,${labels}`}}`,
  values: `${start.toFixed(9)}+${step.toFixed(9)}x${scrapes}`,
})

/** The alerts that fire after N hours in which every pod had these series. */
export function firing(
  folder: string,
  groups: readonly object[],
  series: readonly Series[],
  expected: readonly string[],
  hours = 2,
): void {
  // Of days every fourth minute.
  const interval = hours > 2 ? 240 : 30
  writeFileSync(join(folder, 'rules.yaml'), toYaml([{ groups }]))
  const input = pods.flatMap((pod) =>
    series.map((one) => inputOf(one, pod, (hours * 3600) / interval)),
  )
  writeFileSync(
    join(folder, 'test.yaml'),
    toYaml([
      {
        rule_files: ['rules.yaml'],
        evaluation_interval: '30s',
        tests: [
          {
            interval: `${interval}s`,
            input_series: input,
            promql_expr_test: [
              {
                expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
                eval_time: `${hours}h`,
                exp_samples: expected.map((name) => ({
                  labels: `{alertname="${name}"}`,
                  value: 1,
                })),
              },
            ],
          },
        ],
      },
    ]),
  )
  const { status, stdout, stderr } = promtool('test', 'rules', join(folder, 'test.yaml'))
  assert.equal(status, 0, `${stdout}\n${stderr}`)
}

export const promtool = (...args: readonly string[]) =>
  spawnSync('promtool', args, { encoding: 'utf8' })
