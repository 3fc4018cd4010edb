// What a route is: one row of the table in routes.ts, for the router and for /openapi.json alike.
import type { Handler } from './exchange.ts'
import type { ProblemCode } from './problem.ts'

/** QUERY (RFC 10008) is GET with a body: safe and idempotent. */
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'QUERY'

export const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, QUERY, OPTIONS'

/** The header that says which media types a body of this method may have. */
export const acceptHeader = (method: string | undefined): string =>
  method === 'PATCH' ? 'Accept-Patch' : method === 'QUERY' ? 'Accept-Query' : 'Accept-Post'

/** Whether a request of this method changes nothing. */
export const isSafe = (method: string | undefined): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'QUERY'

export interface Route {
  readonly method: Method
  /** An exact path, or one that ends in `/{id}`. A GET route answers HEAD too. */
  readonly path: string
  /** The media types of the answer, best first. */
  readonly produces: readonly string[]
  /** The media types that a body of PATCH or QUERY may have. */
  readonly accepts?: readonly string[]
  /** Answers with the first media type if the client accepts none, instead of 406. */
  readonly lenient?: boolean
  /** Answers without the token, if the service has one: no document is in the answer. */
  readonly open?: boolean
  /** Probes and scrapes: logged at debug only. */
  readonly quiet?: boolean
  readonly handle: Handler
  readonly operation: Operation | BrowserOperation
}

/** A route of the page: its answers are for browsers, and /openapi.json leaves it out. */
type BrowserOperation = Pick<Operation, 'parameters' | 'requestBody'>

/** A parameter in OpenAPI's terms: these members, and more for its readers. */
interface Parameter {
  readonly name: string
  readonly in: string
  readonly [member: string]: unknown
}

/** What /openapi.json says of a route, in OpenAPI 3.1's own terms. */
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  /** The group of the operation; `service` if left out. */
  readonly tags?: readonly string[]
  /** A request with a query parameter that is not among them is refused. */
  readonly parameters?: readonly Parameter[]
  /** Without it a body is read, up to a bound, and ignored. */
  readonly requestBody?: object
  /** The answers by status, without the problems. */
  readonly responses: Readonly<Record<string, object>>
  /** The problems of this route, besides those of every route. */
  readonly problems?: readonly ProblemCode[]
}
