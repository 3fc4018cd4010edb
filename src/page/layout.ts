// The frame of every page: head, heading and the link to the API.
import { hostname } from 'node:os'
import { cardAddress, type ListPosition } from './addresses.ts'
import { abbreviateText, type Html, html } from './html.ts'

/** What live.js imports. */
export const modules = ['clocks', 'dialog', 'forms', 'list']

/** A whole page. Everything that it loads comes from this service. */
export const layout = (title: string, main: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="JSON documents of a small data service, to read, add and change.">
<title>${title}</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/style.css">
${modules.map((name) => html`<link rel="modulepreload" href="/page/${name}.js">\n`)}<script type="module" src="/page/live.js"></script>
</head>
<body>
<main>
${main}
</main>
<footer>
<nav aria-label="The API">
<a href="/data?limit=100">/data</a>
<a href="/openapi.json">/openapi.json</a>
<a href="/readyz?verbose">/readyz</a>
<a href="/metrics">/metrics</a>
</nav>
</footer>
</body>
</html>
`

/** A document and where it was opened. */
export interface Opened {
  readonly id: string
  /** Its page of the list. */
  readonly place: ListPosition
}

/** A page of one document, with the way back to its place in the list. */
export const documentLayout = ({ id, place }: Opened, title: string, main: Html): Html =>
  layout(
    `${title} - Data service`,
    html`<header><p><a href="/">Data service</a></p>
<p class="served">Answered by <b id="pod">${hostname()}</b></p></header>
<h1 class="document-title">Document <code>${abbreviateText(id)}</code></h1>
<nav class="back" aria-label="Back"><a href="${cardAddress(id, place)}">Back to the list</a></nav>
${main}`,
  )
