// The two clocks of the page: the server's and the visitor's own.

/** @type {Intl.DateTimeFormatOptions} */
const dayFormat = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }

/** Makes them tick. */
export function clocks() {
  const server = document.getElementById('server-clock')
  const own = document.getElementById('own-clock')
  const time = server?.querySelector('time')
  if (!server || !own || !time) return
  const ahead = difference(Date.parse(time.dateTime))
  const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  const zone = own.querySelector('.zone')
  if (zone) zone.textContent = ownZone
  own.hidden = false
  const showServer = clock(server, time.dataset.zone)
  const showOwn = clock(own, ownZone)
  const tick = () => {
    const now = Date.now()
    showServer(new Date(now + ahead))
    showOwn(new Date(now))
    setTimeout(tick, 1000 - (now % 1000))
  }
  tick()
}

/**
 * By how much the server's clock is ahead of this one. It was read between the request and the
 * answer: if both clocks may have agreed in between, they do.
 * @param {number} then
 */
function difference(then) {
  const [entry] = performance.getEntriesByType('navigation')
  if (!(entry instanceof PerformanceNavigationTiming)) return 0
  const least = then - (performance.timeOrigin + entry.responseStart)
  const most = then - (performance.timeOrigin + entry.requestStart)
  return least <= 0 && most >= 0 ? 0 : (least + most) / 2
}

/** @param {HTMLElement} element @param {string | undefined} timeZone */
function clock(element, timeZone) {
  const zone = timeZone ? { timeZone } : {}
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', ...zone })
  const day = new Intl.DateTimeFormat('en-GB', { ...dayFormat, ...zone })
  const [timePart, dayPart] = [element.querySelector('b'), element.querySelector('time > span')]
  const whole = element.querySelector('time')
  /** @param {Date} now */
  return (now) => {
    if (whole) whole.dateTime = now.toISOString()
    if (timePart) timePart.textContent = time.format(now)
    if (dayPart && dayPart.textContent !== day.format(now)) dayPart.textContent = day.format(now)
  }
}
