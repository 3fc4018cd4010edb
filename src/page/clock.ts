// The date and time of the server, for the page and for anything else: the clocks in its own zone, texts in UTC.
import { type Html, html } from './html.ts'

let lastSecond = -1
let lastText = ''

/** The time as `2026-11-24 21:32:26 UTC`. */
export function formatUtc(date: Date): string {
  // One text per second: making it for each request took 4 % of its time.
  const second = Math.floor(date.getTime() / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastText = `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  }
  return lastText
}

// British English: the day before the month, and 24 hours. The browser's module uses the same.
const dayFormat = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const

// Made for the first page: a process that shows none saves 25 ms at its start and 8 MB.
let formats: ReturnType<typeof makeFormats> | undefined
const makeFormats = () => ({
  zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  time: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }),
  day: new Intl.DateTimeFormat('en-GB', dayFormat),
})

/** The clock of the server, and the empty one of the visitor that the browser's module fills. */
export function renderClocks(now: Date): Html {
  formats ??= makeFormats()
  const { zone, time, day } = formats
  return html`<div class="clocks" role="group" aria-label="Date and time">
<p class="clock" id="server-clock">Server <time datetime="${now.toISOString()}" data-zone="${zone}"><b>${time.format(now)}</b>
<span>${day.format(now)}</span></time> <span class="zone">${zone}</span></p>
<p class="clock" id="own-clock" hidden>You <time datetime="${now.toISOString()}"><b></b>
<span></span></time> <span class="zone"></span></p>
</div>`
}
