// The frame of every page: head, heading and the way to the API.
import { type Html, html } from './html.ts'

export interface Frame {
  readonly title: string
  readonly main: Html
}

/** A whole page. Everything that it loads comes from this service. */
export const layout = ({ title, main }: Frame): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/style.css">
<link rel="modulepreload" href="/page/clocks.js">
<link rel="modulepreload" href="/page/forms.js">
<link rel="modulepreload" href="/page/list.js">
<script type="module" src="/page/live.js"></script>
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
