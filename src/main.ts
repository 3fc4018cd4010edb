// The process: configuration, store, server, signals. Wiring only.
import './node-version.ts'
import { isIP } from 'node:net'
import { type Config, readConfig } from './config.ts'
import { createBodyBudget } from './http/body-budget.ts'
import { drain } from './http/drain.ts'
import { ListenError, type ListenTarget, listen, resolveHost } from './http/listen.ts'
import { createLog, errorFields, type Log } from './http/log.ts'
import { createMetrics } from './http/metrics.ts'
import { createReadiness } from './http/readiness.ts'
import { createService } from './http/server.ts'
import { addProcessMetrics } from './http/service-metrics.ts'
import { openStore } from './open-store.ts'
import { wordsOfStatus } from './query/indexes.ts'
import { createRoutes } from './routes.ts'
import type { DocumentStore } from './store/document-store.ts'
import { settingsHelp, unreadSettings, unreadWords } from './unread-settings.ts'

/** The exit codes: a clean end, one that cut requests or could not start, wrong settings. */
const exitCodes = { clean: 0, failed: 1, settings: 2 } as const

function stop(code: number, ...lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exit(code)
}

async function main(config: Config): Promise<void> {
  const pretty = process.stdout.isTTY === true
  // A reader of the log that goes away (`| head`) must not end the service.
  process.stdout.on('error', () => {})
  const write = (text: string) => process.stdout.write(text)
  const log = createLog({ level: config.logLevel, pretty, write })
  for (const line of unreadSettings(process.env)) log.warn(line)
  log.flush() // what comes next may end the process
  const target = await orStop(resolveHost(config.host))
  const store = await open(config, log)
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  metrics.reading('store_waiting_documents', () => store.waiting)
  metrics.reading('store_backup_timestamp_seconds', () => (store.backedUp ?? 0) / 1000)
  const readiness = createReadiness({
    check: { name: 'store', run: () => store.ping() },
    notes: () =>
      store.indexes.map((index) => ({
        name: 'index',
        ok: index.state === 'ready',
        detail: wordsOfStatus(index),
      })),
    onChange: ({ name, ok, detail }) => log[ok ? 'info' : 'warn'](`${name}: ${detail}`),
  })
  const budget = createBodyBudget(config.maxBodies)
  const limits = { maxBytes: config.maxBody, budget }
  const { access, corsOrigins, maxConnections, maxAnswers } = config
  // If only this machine can ask, no other name may lead to the service.
  const allowedHosts =
    target.loopback || config.allowedHosts
      ? [target.host.toLowerCase(), ...(config.allowedHosts ?? [])]
      : undefined
  const routes = createRoutes({ store, limits, readiness, metrics, scope: access?.scope })
  const service = createService({
    routes,
    log,
    metrics,
    bodies: budget,
    access,
    allowedHosts,
    corsOrigins,
    maxConnections,
    maxAnswers,
  })

  const { port, listeners } = await orStop(listen(service.server, target, config.port))
  sayWhere(log, config, target, port)
  readiness.start()
  onSignal(log, async () => {
    readiness.stop()
    const { drainDelay: delay, drainDeadline: deadline } = config
    const cut = await drain({ ...service, listeners, delay, deadline })
    // The store closes last: until here a request may need it.
    await store.close()
    log.info('stopped', { cut })
    log.flush()
    process.exit(cut > 0 ? exitCodes.failed : exitCodes.clean)
  })
}

async function open({ store, indexes }: Config, log: Log): Promise<DocumentStore> {
  try {
    return await openStore(store, indexes, log)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (store.kind === 'mongo') return stop(exitCodes.settings, `${store.source}: ${message}`)
    return stop(exitCodes.failed, message)
  }
}

async function orStop<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ListenError) return stop(exitCodes.failed, error.message)
    throw error
  }
}

function sayWhere(
  log: Log,
  { access }: Config,
  { host, addresses, loopback }: ListenTarget,
  port: number,
) {
  const isLocalhost = ['127.0.0.1', '::', '0.0.0.0'].includes(addresses[0] ?? '')
  const name = isLocalhost ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host
  log.info(`listening on http://${name}:${port}`, { port, needsToken: access?.scope ?? 'nothing' })
  if (!loopback && !access) {
    log.warn(
      `HOST is ${host} and there is no API_TOKEN: whoever reaches port ${port} may read and write. Set API_TOKEN, or HOST=localhost to be reached from this machine alone.`,
    )
  }
}

// Kubernetes sends SIGTERM, Ctrl+C SIGINT, Windows SIGBREAK.
function onSignal(log: Log, shutdown: () => Promise<void>): void {
  let stopping = false
  const stopFor = (reason: string) => {
    stopping = true
    log.info(`${reason}: draining`)
    shutdown().catch((error: unknown) => {
      log.error('the shutdown failed', errorFields(error))
      log.flush()
      process.exit(exitCodes.failed)
    })
  }
  const onEach = (signal: NodeJS.Signals) => {
    if (!stopping) return stopFor(signal)
    log.warn(`second signal (${signal}): stopping at once`)
    log.flush()
    process.exit(exitCodes.failed)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGBREAK'] as const) process.on(signal, onEach)
  // npm passes SIGTERM on to the shell that runs this, and that shell ends silently. Windows has neither: there a
  // process keeps the number of a parent that has gone.
  if (process.env.npm_lifecycle_event !== 'start' || process.platform === 'win32') return
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    if (!stopping) stopFor('npm has ended')
  }, 500)
}

const words = process.argv.slice(2)
if (words.includes('--help')) {
  process.stdout.write(settingsHelp())
  process.exit(exitCodes.clean)
}
const unread = unreadWords(words, process.env)
if (unread.length > 0) stop(exitCodes.settings, ...unread)
const { config, faults } = readConfig(process.env)
if (config) await main(config)
else {
  const said = [...faults, ...unreadSettings(process.env)].map((fault) => `  - ${fault}`)
  stop(exitCodes.settings, 'The settings are wrong:', ...said)
}
