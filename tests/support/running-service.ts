// The service in this process, on a real socket: what most HTTP tests need.
import { once } from 'node:events'
import type { Access } from '../../src/http/access.ts'
import { createBodyBudget } from '../../src/http/body-budget.ts'
import { createLog, type Log } from '../../src/http/log.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { createReadiness } from '../../src/http/readiness.ts'
import type { Route } from '../../src/http/route.ts'
import { createService } from '../../src/http/server.ts'
import { addProcessMetrics } from '../../src/http/service-metrics.ts'
import { createRoutes } from '../../src/routes.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { type Client, checkedClient } from './client.ts'

export interface RunningService {
  readonly client: Client
  readonly port: number
  readonly logged: string[]
  close(): Promise<void>
}

export interface RunningOptions {
  readonly maxBody?: number
  readonly maxBodies?: number
  readonly bodyGrace?: number
  readonly maxConnections?: number
  readonly maxAnswers?: number
  readonly access?: Access
  readonly allowedHosts?: readonly string[] | undefined
  readonly corsOrigins?: readonly string[]
  /** Routes of the test's own, after those of the service. */
  readonly routes?: readonly Route[]
}

/** Starts the service for a store. `close` closes both. */
export async function runService(
  store: DocumentStore,
  options: RunningOptions = {},
): Promise<RunningService> {
  const logged: string[] = []
  const log: Log = createLog({ level: 'debug', pretty: false, write: (text) => logged.push(text) })
  const metrics = createMetrics()
  addProcessMetrics(metrics)
  const readiness = createReadiness({
    check: { name: 'store', run: () => store.ping() },
    interval: 50,
  })
  const budget = createBodyBudget(options.maxBodies ?? 128 << 20)
  const limits = {
    maxBytes: options.maxBody ?? 32 << 20,
    budget,
    grace: options.bodyGrace ?? 5_000,
  }
  const { access, allowedHosts, maxConnections = 1000, maxAnswers = 64 << 20 } = options
  const { corsOrigins = [] } = options
  const own = createRoutes({ store, limits, readiness, metrics, scope: access?.scope })
  const routes = [...own, ...(options.routes ?? [])]
  const { server } = createService({
    bodies: budget,
    routes,
    log,
    metrics,
    access,
    allowedHosts,
    corsOrigins,
    maxConnections,
    maxAnswers,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  readiness.start()
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    client: await checkedClient(`http://127.0.0.1:${port}`),
    port,
    logged,
    async close() {
      readiness.stop()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      await store.close()
    },
  }
}
