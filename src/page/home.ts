// GET /: the date and time, as a page for a browser and as one line of text for anything else.
import { type Exchange, send } from '../http/exchange.ts'
import type { Route } from '../http/route.ts'

const text = 'text/plain; charset=utf-8'
const html = 'text/html; charset=utf-8'

const headers = ['Vary', 'Accept', 'Cache-Control', 'no-store']
const pageHeaders = [
  ...headers,
  'Content-Security-Policy',
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
]

/** The route of the page. */
export const homeRoute: Route = {
  method: 'GET',
  path: '/',
  produces: [text, html],
  lenient: true,
  handle: home,
  operation: {
    operationId: 'getHome',
    summary: 'The date and time of the server',
    responses: {
      200: {
        description: 'A page for `Accept: text/html`, one line of text for anything else.',
        content: {
          'text/plain': { schema: { type: 'string' } },
          'text/html': { schema: { type: 'string' } },
        },
      },
    },
  },
}

function home(exchange: Exchange): void {
  const now = timestamp(new Date())
  if (exchange.mediaType === html) send(exchange, 200, page(now), pageHeaders)
  else send(exchange, 200, `${now}\n`, headers)
}

/** The time as `2026-11-24 21:32:26 UTC`. */
export const timestamp = (date: Date): string =>
  `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`

const page = (now: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data service</title>
</head>
<body>
<h1>Data service</h1>
<p>It is <time datetime="${now.slice(0, 19).replace(' ', 'T')}Z">${now}</time> here.</p>
<ul>
<li><a href="/data">/data</a>: the documents</li>
<li><a href="/openapi.json">/openapi.json</a>: what this service answers</li>
<li><a href="/readyz?verbose">/readyz</a>: whether it is ready</li>
<li><a href="/metrics">/metrics</a>: its figures</li>
</ul>
</body>
</html>
`
