// The alerts: their PromQL for Prometheus, and for docs/operations.md what each means and what to do.
import { memoryLimit } from './application-container.ts'
import { parseQuantity } from './memory.ts'
import { busy, job, perSecond, quantile, requests, series, share } from './promql.ts'

export interface Alert {
  readonly name: string
  /** critical: worth waking up for. warning: worth a look in the morning. */
  readonly severity: 'critical' | 'warning'
  readonly expr: string
  /** How long it must hold. */
  readonly for: string
  /** One line, for the person who is woken. */
  readonly summary: string
  /** What it means, if the summary does not say everything, and what to do. */
  readonly runbook: string
  /** Only if there is a nightly backup. */
  readonly ofBackup?: true
}

/** What is promised: the share of the clients' requests that are answered without 5xx, and the share answered in that time. */
export const objectives = { availability: 0.999, seconds: 0.25 } as const

// Google's rates for a budget of 30 days: at 14.4 an hour takes 2 % of it, at 6 six hours take 5 %. The short
// window ends the alert soon after its cause.
const burns = (rate: number, long: string, short: string) => {
  const budget = Math.round((1 - objectives.availability) * 1e6) / 1e6
  const above = (window: string) => `${share('status=~"5.."', window)} > ${rate} * ${budget}`
  return `${above(long)}\nand ${above(short)}`
}

const backedUp = series('store_backup_timestamp_seconds')

const eightTenths = (limit: number) => `${Math.round((limit * 0.8) / 1e6)}e6`

export const alerts: readonly Alert[] = [
  {
    name: 'NoPodLeft',
    severity: 'critical',
    expr: `absent(up{job="${job}"} == 1)`,
    for: '1m',
    summary: 'Prometheus gets no answer from any pod of the data service.',
    runbook:
      'Nobody gets an answer, or Prometheus cannot reach the pods. On minikube `./deploy.sh status` says what is wrong; elsewhere `kubectl get pods` in the application’s namespace, then `kubectl describe pod`.',
  },
  {
    name: 'RequestsFail',
    severity: 'critical',
    expr: `${share('status=~"5.."', '5m')} > 0.01`,
    for: '1m',
    summary: 'Over 1 % of the requests end with 5xx.',
    runbook:
      'A 503 counts: somebody did not get an answer. The `code` in the log lines of the failed requests says why: see [problem codes](#runbook-problem-codes).',
  },
  {
    name: 'ErrorBudgetBurnsFast',
    severity: 'critical',
    expr: burns(14.4, '1h', '5m'),
    for: '2m',
    summary:
      'At this rate the failures allowed in 30 days (0.1 % of the requests) are used up in two days.',
    runbook:
      'The objective is 99.9 % of requests without 5xx. The same causes as RequestsFail, at a lower rate and for longer.',
  },
  {
    name: 'DatabaseAway',
    severity: 'critical',
    expr: `min_over_time((${perSecond(requests('route=~"/data.*"', 'status="503"'), '1m')} > bool 0)[2m:30s]) == 1`,
    for: '0m',
    summary: 'Requests for documents have been answered with 503 for two minutes.',
    runbook:
      'The database is away, as the clients see it. `/readyz?verbose` of a pod says why in one sentence: see [why the database cannot be used](#runbook-why-the-database-cannot-be-used).',
  },
  {
    name: 'DiskFull',
    severity: 'critical',
    expr: `sum(increase(${requests('status="507"')}[5m])) > 0`,
    for: '0m',
    summary: 'The database has no room for more documents.',
    runbook:
      'Reads go on. Give the volume more room, or remove documents: see `store_full` among the [problem codes](#runbook-problem-codes).',
  },
  {
    name: 'SlowAnswers',
    severity: 'critical',
    expr: `${quantile(0.99, '5m')} > 0.5`,
    for: '5m',
    summary: 'One request in a hundred for one document takes over half a second.',
    runbook:
      'Either the pods have too little CPU (EventLoopBusy says so) or the database is slow (its own figures, and WritesQueueUp).',
  },
  {
    name: 'ErrorBudgetBurnsSlowly',
    severity: 'warning',
    expr: burns(6, '6h', '30m'),
    for: '15m',
    summary: 'At this rate the failures allowed in 30 days are used up in five days.',
    runbook: 'As ErrorBudgetBurnsFast. It can wait until the morning, and not until next week.',
  },
  {
    name: 'LatencyObjectiveMissed',
    severity: 'warning',
    expr: `${quantile(0.99, '30m')} > ${objectives.seconds}`,
    for: '15m',
    summary: 'One request in a hundred for one document takes over 250 ms, for half an hour now.',
    runbook:
      'The objective is a p99 under 250 ms at the load of the table in [cloud.md](cloud.md#sizes).',
  },
  {
    name: 'NoVerifiedBackup',
    severity: 'warning',
    ofBackup: true,
    // Only after 26 hours of figures: a new service has time until its first night.
    expr: `time() - max(${backedUp}) > 26 * 3600\nand max(max_over_time(${backedUp}[1h] offset 26h)) >= 0`,
    for: '0m',
    summary: 'No backup has been made, restored and compared for 26 hours.',
    runbook:
      'The last job says why in its log: `kubectl logs -l app.kubernetes.io/name=data-service-backup --tail=20` in the application’s namespace. See [the nightly backup](#the-nightly-backup) for what each of its sentences means; `./deploy.sh backup` makes one now.',
  },
  {
    name: 'EventLoopBusy',
    severity: 'warning',
    expr: `${busy('5m')} > 0.9`,
    for: '10m',
    summary: 'The event loop of a pod is busy for over 90 % of the time.',
    runbook:
      'More pods help if the autoscaler has not made them already: `--replicas`, or a larger `maxReplicas`.',
  },
  {
    name: 'WritesQueueUp',
    severity: 'warning',
    expr: `min_over_time(${series('store_waiting_documents')}[5m]) > 1000`,
    for: '0m',
    summary:
      'Writes have queued up for longer than a burst: the database is slower than its clients.',
    runbook: 'Look at the database’s disk and CPU. More pods of the application make it worse.',
  },
  {
    name: 'MemoryNearLimit',
    severity: 'warning',
    expr: `${series('process_resident_memory_bytes')} > ${eightTenths(parseQuantity(memoryLimit))}`,
    for: '5m',
    summary: `The memory of a pod is over 80 % of its limit of ${memoryLimit}B.`,
    runbook:
      'Floods of large bodies come near it and do not exceed it. What grows for hours without load is a leak: keep `/metrics` of that pod, then delete the pod.',
  },
  {
    name: 'ConnectionsNearLimit',
    severity: 'warning',
    expr: `${series('http_connections')} > 9600`,
    for: '1m',
    summary: 'A pod has over 9,600 connections; at MAX_CONNECTIONS (12,000) it accepts no more.',
    runbook: 'Clients that open a connection for each request, or a proxy that keeps too many.',
  },
  {
    name: 'RestartsAgainAndAgain',
    severity: 'warning',
    expr: `changes(${series('process_start_time_seconds')}[30m]) > 2`,
    for: '0m',
    summary: 'A pod restarts again and again.',
    runbook:
      '`kubectl logs --previous` of that pod, and its exit code: see [exit codes of a container](#runbook-exit-codes-of-a-container).',
  },
  {
    name: 'ShutdownHangs',
    severity: 'warning',
    expr: `min_over_time(${series('http_draining')}[1m]) == 1`,
    for: '0m',
    summary: 'A shutdown does not end, although it has 25 s.',
    runbook: 'A client holds on to a stream. It is cut at the deadline; nothing has to be done.',
  },
  {
    name: 'ClientsGiveUp',
    severity: 'warning',
    expr: `${share('status="499"', '5m')} > 0.05`,
    for: '5m',
    summary: 'Over 5 % of the requests are given up by their clients before they have an answer.',
    runbook: 'Status 499. The answers are slow, or the clients’ timeouts are too short.',
  },
]
