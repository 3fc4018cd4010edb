// A client for tests: sends requests to a running service and checks each answer.
import { type Check, type OpenApi, openApiCheck } from './openapi-check.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON. */
  json(): unknown
  /** A member of the body, which must be a JSON object. */
  member(name: string): unknown
  /** The body, or that member of it, which must be an array. */
  items(name?: string): unknown[]
}

export interface Client {
  readonly base: string
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>
}

export interface SendOptions {
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string>
}

const json = { 'content-type': 'application/json' }

/** Makes a client that holds every answer against the service's own /openapi.json. */
export async function checkedClient(base: string): Promise<Client> {
  const document: unknown = await (await fetch(`${base}/openapi.json`)).json()
  if (!isOpenApi(document)) throw new TypeError('/openapi.json has no paths')
  return client(base, openApiCheck(document))
}

/** Makes a client. */
export function client(base: string, check: Check = () => {}): Client {
  const send = async (method: string, path: string, options: SendOptions = {}) => {
    const { body, headers = {} } = options
    const response = await fetch(base + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const [route = '/'] = path.split('?')
    check(method, route, response.status, response.headers.get('content-type') ?? '', text)
    return answerOf(response, text)
  }
  return {
    base,
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (body, headers = json) =>
      send('POST', '/data', { body, headers: { ...json, ...headers } }),
  }
}

/** Deletes every document. */
export async function deleteAll(api: Client): Promise<void> {
  for (const document of (await api.get('/data')).items()) {
    const id = encodeURIComponent(String(Reflect.get(Object(document), '_id')))
    const { status, text } = await api.send('DELETE', `/data/${id}`)
    if (status !== 204) throw new Error(`${status}: ${text}`)
  }
}

function answerOf({ status, headers }: Response, text: string): Answer {
  const json = (): unknown => JSON.parse(text)
  const member = (name: string): unknown => {
    const value = json()
    if (typeof value !== 'object' || value === null) throw new TypeError(`not an object: ${text}`)
    return Reflect.get(value, name)
  }
  const items = (name?: string) => {
    const value = name === undefined ? json() : member(name)
    if (!Array.isArray(value)) throw new TypeError(`not an array: ${text}`)
    return value
  }
  return { status, headers, text, json, member, items }
}

const isOpenApi = (value: unknown): value is OpenApi =>
  typeof value === 'object' && value !== null && 'paths' in value && 'components' in value
