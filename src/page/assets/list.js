// The list of documents: fetches it again and again, and puts in what is new.

const pollMs = 2000
// After a failure the next attempt waits twice as long, up to this, so that not every open page asks at
// once when the service is back.
const longestWaitMs = 15_000

/** @param {string} id */
const byId = (id) => document.getElementById(id)

/** Keeps the list up to date while the page is visible. */
export function liveList() {
  const box = byId('newest')
  const status = byId('live')
  const pause = byId('pause')
  if (!box || !status || !pause) return
  let etag = box.dataset.etag ?? ''
  let failures = 0
  let absent = ''
  let paused = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  const ask = async () => {
    absent = 'The service'
    const response = await fetch(box.dataset.from ?? '', {
      headers: { 'If-None-Match': etag },
      signal: AbortSignal.timeout(10_000),
    })
    if (response.status === 503) absent = 'The database'
    if (response.status !== 304 && !response.ok) throw new Error(String(response.status))
    const pod = byId('pod')
    if (pod) pod.textContent = response.headers.get('x-served-by') ?? ''
    if (failures > 1) status.textContent = 'It answers again.'
    failures = 0
    if (response.status === 304) return
    const text = await response.text()
    if (paused) return
    etag = response.headers.get('etag') ?? ''
    const count = merge(box, new DOMParser().parseFromString(text, 'text/html'))
    if (count > 0) status.textContent = count === 1 ? '1 new document' : `${count} new documents`
  }

  const poll = async () => {
    try {
      await ask()
    } catch {
      failures++
      if (failures > 1) status.textContent = `${absent} does not answer; this page asks again.`
    }
    const wait = pollMs * 2 ** Math.max(failures - 1, 0)
    schedule(Math.min(wait, longestWaitMs) * (0.9 + Math.random() / 5))
  }

  /** @param {number} ms */
  const schedule = (ms) => {
    clearTimeout(timer)
    if (!paused && !document.hidden) timer = setTimeout(poll, ms)
  }

  document.addEventListener('visibilitychange', () => schedule(0))
  pause.addEventListener('click', () => {
    paused = !paused
    pause.textContent = paused ? 'Resume' : 'Pause'
    status.textContent = paused ? 'The list is paused.' : ''
    schedule(0)
  })
  pause.hidden = false
  schedule(pollMs)
}

/**
 * Updates the list and leaves alone what has not changed: what is open stays open,
 * and what has the focus keeps it.
 * @param {HTMLElement} box @param {Document} fresh
 */
function merge(box, fresh) {
  const list = box.querySelector('#documents')
  const wanted = [...fresh.querySelectorAll('#documents > li')].filter(isElement)
  if (!list) return 0
  const old = new Map([...list.children].filter(isElement).map((item) => [item.dataset.id, item]))
  const hadFocus = list.contains(document.activeElement)
  let added = 0
  const items = wanted.map((item) => {
    const known = old.get(item.dataset.id)
    if (known && known.dataset.etag === item.dataset.etag) return known
    item.querySelector('details')?.toggleAttribute('open', isOpen(known))
    item.querySelector('.all > input')?.toggleAttribute('checked', isWhole(known))
    item.classList.add('fresh')
    if (!known) added++
    return item
  })
  const kept = new Set(items)
  for (const item of old.values()) if (!kept.has(item)) item.remove()
  items.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null)
  })
  const parts = ['.count', '.empty', '.pages', '.fault']
  for (const name of parts) box.querySelector(`:scope > ${name}`)?.remove()
  for (const name of parts) {
    const part = fresh.querySelector(`body > ${name}`)
    if (part) box.insertBefore(part, name === '.count' ? box.firstChild : null)
  }
  if (hadFocus && !list.contains(document.activeElement)) byId('list')?.focus()
  return added
}

/** @param {HTMLElement | undefined} item */
const isOpen = (item) => item?.querySelector('details')?.open === true

/** @param {HTMLElement | undefined} item */
const isWhole = (item) => item?.querySelector('.all > :checked') != null

/** @param {Element} element @returns {element is HTMLElement} */
const isElement = (element) => element instanceof HTMLElement
