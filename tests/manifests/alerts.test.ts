// The alerts and the dashboard on a real Prometheus engine, with figures that the real service gave.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { alerts } from '../../manifests/alerts.ts'
import { dashboard, panels } from '../../manifests/dashboard.ts'
import { alertRules } from '../../manifests/monitoring.ts'
import { toYaml } from '../../manifests/yaml.ts'
import { anchorsOf, read } from '../support/docs/markdown.ts'
import { freePort } from '../support/free-port.ts'
import { firing, promtool, type Series, seriesOf } from '../support/manifests/prometheus.ts'
import { startProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { missing } from '../support/tool.ts'

const { groups } = alertRules('mongo', 'https://wiki.example/operations.md', 'nightly').spec
const folder = temporaryFolder()
// Not in npm test of CI, which runs on three systems: a job of its own has promtool.
const noPromtool = missing('promtool', '--version')

/** A service with these settings: its figures before and after it was asked for documents. */
async function scrapeTwice(settings: Record<string, string>): Promise<[string, string]> {
  const service = await startProcess(settings)
  const ask = async (path: string, init?: RequestInit) =>
    (await fetch(service.base + path, init)).text()
  await ask('/data/absent')
  const first = await ask('/metrics')
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'alerts' }
  await ask('/data', { method: 'POST', headers, body: '{"_id": "a", "3": "three"}' })
  const paths = ['/', '/data', '/data/absent', '/readyz', '/livez', '/nowhere']
  // Together: while the database is away each of them waits for it.
  await Promise.all([...paths, ...Array(5).fill('/data/a')].map((path) => ask(path)))
  await sleep(50)
  const second = await ask('/metrics')
  service.signal('SIGKILL')
  await service.exited
  return [first, second]
}

/** What the other work of this machine decides, as it is without: quick answers, an idle event loop. */
function onQuietMachine(series: Series, scrape: string): Series {
  const { name, labels, step } = series
  if (name === 'nodejs_eventloop_idle_seconds_total') return { ...series, step: 30 }
  const [, route = ''] = /^(route="[^"]*"),le="(?:0\.[125].*|[1-9].*|\+Inf)"$/.exec(labels) ?? []
  if (name !== 'http_request_duration_seconds_bucket' || route === '') return series
  const all = scrape.split(`${name}{${route},le="+Inf"} `)[1]?.split('\n')[0]
  return { ...series, step: Number(all ?? step) }
}

describe('the alerts', () => {
  let healthy: Series[]
  let away: Series[] = []
  let scrape = ''
  const up = { name: 'up', labels: '', start: 1, step: 0 }

  before(async () => {
    const MONGODB_URI = `mongodb://127.0.0.1:${await freePort()}/`
    const [[first, second], without] = await Promise.all([
      scrapeTwice({ DATA_FILE: join(folder, 'a.db') }),
      // Only promtool looks at it, and each of its requests waits for the database.
      noPromtool ? undefined : scrapeTwice({ MONGODB_URI }),
    ])
    scrape = second
    healthy = [up, ...seriesOf(first, second).map((one) => onQuietMachine(one, second))]
    if (without) away = [up, ...seriesOf(...without)]
  })

  /** The same series, with those of a name changed. */
  const changed = (
    series: readonly Series[],
    name: string,
    change: (series: Series) => Partial<Series>,
  ) => series.map((one) => (one.name === name ? { ...one, ...change(one) } : one))
  const gauge = (name: string, start: number) => changed(healthy, name, () => ({ start }))
  /** Of N requests of clients one part ends with the status. */
  const withShare = (status: string, part: number): Series[] => [
    ...changed(healthy, 'http_requests_total', ({ step }) => ({ step: step * 1000 })),
    {
      name: 'http_requests_total',
      labels: `method="GET",route="/data",status="${status}"`,
      start: 0,
      step: part * clientRequests() * 1000,
    },
  ]
  const clientRequests = () =>
    healthy
      .filter(({ name, labels }) => name === 'http_requests_total' && !/z"|metrics/.test(labels))
      .reduce((sum, { step }) => sum + step, 0)

  const cases: Record<string, { series: () => Series[]; fires: string[]; hours?: number }> = {
    'none for a service that is well': { series: () => healthy, fires: [] },
    'those of a database that does not answer': {
      series: () => away,
      // Each request waits for the database for a while.
      // biome-ignore format: by kind, some in a line
      fires: [
        'DatabaseAway', 'ErrorBudgetBurnsFast', 'ErrorBudgetBurnsSlowly', 'RequestsFail',
        'LatencyObjectiveMissed', 'SlowAnswers',
      ],
    },
    'one where no pod answers': {
      series: () => [{ ...up, start: 0 }],
      fires: ['NoPodLeft'],
    },
    'none for 3 in 1,000 requests': { series: () => withShare('500', 0.003), fires: [] },
    'the slow one for 7 in 1,000': {
      series: () => withShare('500', 0.007),
      fires: ['ErrorBudgetBurnsSlowly'],
    },
    'those of failures for 2 in 100': {
      series: () => withShare('500', 0.02),
      fires: ['ErrorBudgetBurnsFast', 'ErrorBudgetBurnsSlowly', 'RequestsFail'],
    },
    'that of a full disk': {
      series: () => withShare('507', 0.001),
      fires: ['DiskFull'],
    },
    'that of clients that give up': {
      series: () => withShare('499', 0.06),
      fires: ['ClientsGiveUp'],
    },
    'both of slow answers': {
      series: () =>
        changed(healthy, 'http_request_duration_seconds_bucket', ({ labels, step }) => ({
          step: /le="(?:5|10|\+Inf)"/.test(labels) ? step : 0,
        })),
      fires: ['LatencyObjectiveMissed', 'SlowAnswers'],
    },
    'the objective alone for 0.4 s': {
      series: () =>
        changed(healthy, 'http_request_duration_seconds_bucket', ({ labels, step }) => ({
          step: /le="0\.[012]/.test(labels) ? 0 : step,
        })),
      fires: ['LatencyObjectiveMissed'],
    },
    'that of a busy event loop': {
      series: () =>
        changed(
          changed(healthy, 'nodejs_eventloop_active_seconds_total', () => ({ step: 29 })),
          'nodejs_eventloop_idle_seconds_total',
          () => ({ step: 1 }),
        ),
      fires: ['EventLoopBusy'],
    },
    'that of writes that queue up': {
      series: () => gauge('store_waiting_documents', 2000),
      fires: ['WritesQueueUp'],
    },
    'that of memory': {
      series: () => gauge('process_resident_memory_bytes', 900e6),
      fires: ['MemoryNearLimit'],
    },
    'that of connections': {
      series: () => gauge('http_connections', 17_000),
      fires: ['ConnectionsNearLimit'],
    },
    'that of a pod that restarts': {
      series: () => changed(healthy, 'process_start_time_seconds', () => ({ step: 30 })),
      fires: ['RestartsAgainAndAgain'],
    },
    'that of a backup for one of 27 hours ago': {
      series: () => gauge('store_backup_timestamp_seconds', (60 - 27) * 3600),
      fires: ['NoVerifiedBackup'],
      hours: 60,
    },
    'none for a backup of 25 hours ago': {
      series: () => gauge('store_backup_timestamp_seconds', (60 - 25) * 3600),
      fires: [],
      hours: 60,
    },
    'that of a backup where there never was one in 27 hours': {
      series: () => healthy,
      fires: ['NoVerifiedBackup'],
      hours: 27,
    },
    'none for a service that has run for 20 hours, without a backup yet': {
      series: () => healthy,
      fires: [],
      hours: 20,
    },
    'that of a shutdown that does not end': {
      series: () => gauge('http_draining', 1),
      fires: ['ShutdownHangs'],
    },
  }

  for (const [name, { series, fires, hours }] of Object.entries(cases)) {
    it(`fire: ${name}`, { skip: noPromtool }, () => firing(folder, groups, series(), fires, hours))
  }

  it('say nothing of a backup if none is made', () => {
    const [group] = alertRules('mongo', 'https://wiki.example/', 'none').spec.groups
    assert.equal(group?.rules.length, alerts.length - 1)
    assert.ok(group?.rules.every(({ alert }) => alert !== 'NoVerifiedBackup'))
  })

  it('each have a case', () => {
    const fired = new Set(Object.values(cases).flatMap(({ fires }) => fires))
    assert.deepEqual([...fired].sort(), alerts.map(({ name }) => name).sort())
  })

  it('are rules, and the figures are metrics, as promtool reads them', { skip: noPromtool }, () => {
    const file = join(folder, 'rules.yaml')
    writeFileSync(file, toYaml([{ groups }]))
    const rules = promtool('check', 'rules', file)
    assert.equal(rules.status, 0, rules.stderr)
    assert.match(rules.stdout, new RegExp(`SUCCESS: ${alerts.length} rules found`))
    const metrics = spawnSync('promtool', ['check', 'metrics'], { encoding: 'utf8', input: scrape })
    assert.equal(`${metrics.status}${metrics.stdout}${metrics.stderr}`, '0')
  })

  it('and the dashboard name metrics and labels that the service has', () => {
    const exprs = [...alerts.map(({ expr }) => expr), ...panels.flatMap(({ exprs }) => exprs)]
    for (const [, name = '', matchers = ''] of exprs.join('\n').matchAll(/([a-z_]+)\{([^}]*)/g)) {
      if (name === 'up') continue
      const labels = [...matchers.matchAll(/(\w+)(?:=|!)/g)].map(([, label]) => label)
      const own = labels.filter((label) => label !== 'job')
      const line = new RegExp(`^${name}(?:\\{.*\\})? `, 'm').exec(scrape)?.[0]
      assert.ok(line, name)
      for (const label of own) assert.ok(line.includes(`${label}="`), `${name}: ${label}`)
    }
  })

  it('each lead to a heading of the runbook', () => {
    const anchors = anchorsOf('docs/operations.md')
    for (const { annotations } of groups.flatMap(({ rules }) => rules)) {
      const [base, anchor = ''] = annotations.runbook_url.split('#')
      assert.equal(base, 'https://wiki.example/operations.md')
      assert.ok(anchors.has(anchor), anchor)
    }
  })
})

describe('the dashboard', () => {
  it('shows each metric that the service has', () => {
    const shown = panels.flatMap(({ exprs }) => exprs).join('\n')
    const [table = ''] =
      read('docs/operations.md').split('made by npm run docs: metrics')[1]?.split('<!--') ?? []
    const names = [...table.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name = '']) => name)
    assert.ok(names.length > 10)
    for (const name of names) assert.ok(shown.includes(name), name)
  })

  it('asks what Prometheus understands', { skip: noPromtool }, () => {
    const rules = panels
      .flatMap(({ exprs }) => exprs)
      .map((expr, index) => ({
        record: `panel:${index}`,
        expr: expr.replaceAll('$__rate_interval', '2m'),
      }))
    const file = join(folder, 'panels.yaml')
    writeFileSync(file, toYaml([{ groups: [{ name: 'panels', rules }] }]))
    const { status, stderr } = promtool('check', 'rules', file)
    assert.equal(status, 0, stderr)
  })

  it('is JSON whose panels do not overlap', () => {
    const { panels: placed } = JSON.parse(dashboard())
    const places = placed.map(({ gridPos }: { gridPos: object }) => JSON.stringify(gridPos))
    assert.equal(new Set(places).size, panels.length)
  })
})
