// Asks before a document is removed, in a dialog over the page: its form is taken from the page that asks.
import { askFirst } from './forms.js'

/** Every link that leads to the question opens it here, including those that come into the list later. */
export function askInDialog() {
  document.addEventListener('click', (event) => {
    const { target } = event
    const link = target instanceof Element ? target.closest('a.delete') : null
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey
    if (!(link instanceof HTMLAnchorElement) || !isPlain) return
    event.preventDefault()
    open(link).catch(() => location.assign(link.href))
  })
}

/** @param {HTMLAnchorElement} link */
async function open(link) {
  const response = await fetch(link.href, {
    headers: { Accept: 'text/html' },
    signal: AbortSignal.timeout(5000),
  })
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const form = page.querySelector('form.removal')
  if (!response.ok || !(form instanceof HTMLFormElement)) throw new Error(String(response.status))
  const dialog = document.createElement('dialog')
  dialog.setAttribute('aria-labelledby', 'question')
  dialog.append(form)
  askFirst(form)
  form.querySelector('a.button')?.addEventListener('click', (event) => {
    event.preventDefault()
    dialog.close()
  })
  dialog.addEventListener('close', () => {
    dialog.remove()
    link.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
}
