// The process: configuration, store, server, signals. Wiring only.
import './node-version.ts'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type Config, readConfig } from './config.ts'
import { createBodyBudget } from './http/body-budget.ts'
import { drain } from './http/drain.ts'
import { createLog, errorFields, type Log } from './http/log.ts'
import { createMetrics } from './http/metrics.ts'
import { addProcessMetrics } from './http/process-metrics.ts'
import { createReadiness } from './http/readiness.ts'
import { createService, type Service } from './http/server.ts'
import { openStore } from './open-store.ts'
import { createRoutes } from './routes.ts'
import type { DocumentStore } from './store/document-store.ts'

/** The exit codes: a clean end, one that cut requests or could not start, wrong settings. */
const exitCodes = { clean: 0, failed: 1, settings: 2 } as const

function stop(code: number, ...lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exit(code)
}

async function main(config: Config): Promise<void> {
  const pretty = process.stdout.isTTY === true
  // A reader of the log that goes away (`| head`) must not take the service with it.
  process.stdout.on('error', () => {})
  const write = (text: string) => process.stdout.write(text)
  const log = createLog({ level: config.logLevel, pretty, write, secrets: config.secrets })
  const store = await open(config, log)
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  metrics.gauge(
    'store_waiting_documents',
    'Documents that wait to be written.',
    () => store.waiting,
  )
  const readiness = createReadiness({
    checks: [{ name: 'store', run: () => store.ping() }],
    onChange: ({ name, ok, detail }) => log[ok ? 'info' : 'warn'](`${name}: ${detail}`),
  })
  const budget = createBodyBudget(config.maxBodies)
  metrics.gauge(
    'http_bodies_bytes',
    'Memory of request bodies, and of what is made of them.',
    () => budget.held,
  )
  const limits = { maxBytes: config.maxBody, budget }
  const { access, maxConnections, maxAnswers } = config
  const routes = createRoutes({ store, limits, readiness, metrics, scope: access?.scope })
  const service = createService({ routes, log, metrics, access, maxConnections, maxAnswers })

  await listen(service, config, log)
  readiness.start()
  onSignal(log, async () => {
    readiness.stop()
    const { drainDelay: delay, drainDeadline: deadline } = config
    const cut = await drain({ ...service, delay, deadline })
    // The store closes last: until here a request may need it.
    await store.close()
    log.info('stopped', { cut })
    log.flush()
    process.exit(cut > 0 ? exitCodes.failed : exitCodes.clean)
  })
}

async function open({ store }: Config, log: Log): Promise<DocumentStore> {
  try {
    return await openStore(store, log)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (store.kind === 'mongo') return stop(exitCodes.settings, `${store.source}: ${message}`)
    return stop(exitCodes.failed, message)
  }
}

// Connections that the system holds until they are taken, where it allows so many. With Node's 511, of
// 2,000 that came at once 1,500 lost a packet, and waited a second for it (measured).
const backlog = 4096

async function listen(
  { server }: Service,
  { host, port, access }: Config,
  log: Log,
): Promise<void> {
  server.listen(host === undefined ? { port, backlog } : { port, host, backlog })
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    stop(
      exitCodes.failed,
      code === 'EADDRINUSE'
        ? `Cannot listen on port ${port}: another program listens there. PORT sets another one.`
        : `Cannot listen on HOST ${host ?? 'every address'}, PORT ${port}: ${String(error)}`,
    )
  }
  const address = server.address()
  const bound = isAddress(address) ? address.port : port
  const needsToken = access?.scope ?? 'nothing'
  log.info(`listening on http://localhost:${bound}`, { port: bound, needsToken })
}

const isAddress = (address: unknown): address is AddressInfo =>
  typeof address === 'object' && address !== null && 'port' in address

// SIGTERM is what Kubernetes sends, SIGINT what Ctrl+C does, SIGBREAK what Windows has.
function onSignal(log: Log, shutdown: () => Promise<void>): void {
  let stopping = false
  const onEach = (signal: NodeJS.Signals) => {
    if (stopping) {
      log.warn(`second signal (${signal}): stopping at once`)
      log.flush()
      process.exit(exitCodes.failed)
    }
    stopping = true
    log.info(`${signal}: draining`)
    shutdown().catch((error: unknown) => {
      log.error('the shutdown failed', errorFields(error))
      log.flush()
      process.exit(exitCodes.failed)
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGBREAK'] as const) process.on(signal, onEach)
}

const { config, faults } = readConfig(process.env)
if (config) await main(config)
else {
  stop(exitCodes.settings, 'The settings are wrong:', ...faults.map((fault) => `  - ${fault}`))
}
