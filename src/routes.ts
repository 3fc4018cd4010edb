// The one table: every method and path that this service answers.
import { documentRoutes } from './documents/data-routes.ts'
import { documentSchemas } from './documents/schemas.ts'
import type { AccessScope } from './http/access.ts'
import type { BodyLimits } from './http/body.ts'
import { healthRoutes } from './http/health.ts'
import { type Metrics, metricsRoute } from './http/metrics.ts'
import { describeApi, openApiRoute } from './http/openapi.ts'
import type { Readiness } from './http/readiness.ts'
import type { Route } from './http/route.ts'
import { pageRoutes } from './page/page-routes.ts'
import type { DocumentStore } from './store/document-store.ts'

interface Parts {
  readonly store: DocumentStore
  readonly limits: BodyLimits
  readonly readiness: Readiness
  readonly metrics: Metrics
  /** What needs the token, undefined if the service has none. */
  readonly scope: AccessScope | undefined
}

/** The routes, and in /openapi.json what they say of themselves. */
export function createRoutes({ store, limits, readiness, metrics, scope }: Parts): Route[] {
  const routes: Route[] = [
    ...pageRoutes(store, limits, scope),
    ...documentRoutes(store, limits),
    ...healthRoutes(readiness),
    metricsRoute(metrics),
    openApiRoute(() => describeApi(routes, documentSchemas, scope)),
  ]
  return routes
}
