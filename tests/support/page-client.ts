// A browser's requests without a browser: what the page's tests send and read.
import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { type OpenApi, openApiCheck } from './openapi-check.ts'

export interface PageAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The body as it came over the wire. */
  readonly body: Buffer
  readonly text: string
}

type Headers = Readonly<Record<string, string>>

export interface PageClient {
  get(path: string, headers?: Headers): Promise<PageAnswer>
  /** Sends a form as a browser of today does from the page itself. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Headers,
  ): Promise<PageAnswer>
}

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'

/** Makes a client that follows no redirect and holds every answer against /openapi.json. */
export async function pageClient(port: number): Promise<PageClient> {
  const base = `http://127.0.0.1:${port}`
  const document: unknown = await (await fetch(`${base}/openapi.json`)).json()
  if (!isOpenApi(document)) throw new TypeError('/openapi.json has no paths')
  const check = openApiCheck(document)

  const send = async (method: string, path: string, headers: Headers, form?: string) => {
    const sent = request(base + path, { method, headers: { accept, ...headers }, agent: false })
    sent.end(form)
    const [response] = await once(sent, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { statusCode: status = 0, headers: got } = response
    const text = got['content-encoding'] === undefined ? body.toString() : ''
    const [route = ''] = path.split('?')
    check(method, route, status, got['content-type'] ?? '', text)
    return { status, headers: got, body, text }
  }
  return {
    get: (path, headers = {}) => send('GET', path, headers),
    post: (path, fields, headers = {}) => {
      // A text area sends CRLF for each of its line breaks.
      const form = new URLSearchParams(fields).toString().replaceAll('%0A', '%0D%0A')
      const type = { 'content-type': 'application/x-www-form-urlencoded', origin: base }
      return send('POST', path, { ...type, ...headers }, form)
    },
  }
}

const isOpenApi = (value: unknown): value is OpenApi =>
  typeof value === 'object' && value !== null && 'paths' in value && 'components' in value

/** The _ids of the documents that the page shows, as they stand in its HTML. */
export const shownIds = (text: string) =>
  [...text.matchAll(/<li class="card[^"]*" data-id="([^"]*)"/g)].map(([, id]) => id)

/** The entity tag in a form, as its HTML has it. */
export const etagIn = (text: string) => /name="etag" value="(&quot;[\w-]+&quot;|)"/.exec(text)?.[1]

/** A text of the HTML with its quotes. */
export const unquoted = (text = '') => text.replaceAll('&quot;', '"')
