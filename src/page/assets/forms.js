// The forms: the cursor goes to a fault, and what somebody typed is not lost.

/** Puts the cursor at the fault of a field's text, if there is one. */
export function showFault() {
  const field = document.querySelector('[data-fault]')
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return
  const at = Number(field.dataset.fault)
  field.focus()
  field.setSelectionRange(at, at + Number(field.dataset.word))
}

/** The form that adds a document opens ready to type, and stays open while there is text in it. */
export function openForm() {
  const box = document.querySelector('details.add')
  const field = box?.querySelector('textarea')
  if (!(box instanceof HTMLDetailsElement) || !field) return
  box.addEventListener('toggle', () => {
    if (box.open && document.activeElement === box.querySelector('summary')) field.focus()
  })
  // After Back a browser fills in what was typed, but does not open the form.
  addEventListener('pageshow', () => {
    if (field.value !== '') box.open = true
  })
}

/** Ctrl+Enter, on a Mac Cmd+Enter, sends the form. @param {HTMLTextAreaElement} field */
export function sendByKey(field) {
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    field.form?.requestSubmit(field.form.querySelector('button'))
  })
}

/**
 * The browser asks before it leaves a text that is stored nowhere. What was typed to add a document is
 * there again after Back.
 * @param {HTMLTextAreaElement} field
 */
export function keepText(field) {
  const isNew = field.form?.elements.namedItem('etag') === null
  const isUnsaved = () =>
    'unsaved' in field.dataset || (!isNew && field.value !== field.defaultValue)
  let isSent = false
  field.form?.addEventListener('submit', (event) => {
    isSent = !event.defaultPrevented
  })
  // Whoever keeps the other version here has seen both.
  field.form?.querySelector('a.equal')?.addEventListener('click', () => {
    isSent = true
  })
  addEventListener('pageshow', () => {
    isSent = false
  })
  addEventListener('beforeunload', (event) => {
    if (!isSent && isUnsaved()) event.preventDefault()
  })
}

// Bytes that the service accepts in a form (form.ts).
const longestForm = 256 * 1024

/**
 * Sends the form only to a service that answers and takes that much: otherwise the browser would show
 * its own error instead of the page, and the text would be gone.
 * @param {HTMLFormElement} form
 */
export function askFirst(form) {
  let answers = false
  let asking = false
  form.addEventListener('submit', async (event) => {
    if (answers) return
    event.preventDefault()
    if (asking) return
    const { submitter } = event
    form.querySelector('.unsent')?.remove()
    if (lengthOf(form, submitter) > longestForm) {
      return say(
        form,
        'This is too long for a form; PUT and POST to /data take more. Nothing was sent.',
      )
    }
    asking = true
    try {
      answers = (await fetch('/livez', { signal: AbortSignal.timeout(5000) })).ok
    } catch {
      answers = false
    }
    asking = false
    if (answers) return form.requestSubmit(submitter)
    say(form, 'The service does not answer. Nothing was sent; try again in a moment.')
  })
  // After Back the page is as it was, and the service may be away by then.
  addEventListener('pageshow', () => {
    answers = false
  })
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
function lengthOf(form, submitter) {
  const sent = new URLSearchParams()
  for (const [name, value] of new FormData(form, submitter)) {
    sent.append(name, String(value).replace(/\r?\n/g, '\r\n'))
  }
  return sent.toString().length
}

/** @param {HTMLFormElement} form @param {string} text */
function say(form, text) {
  const words = document.createElement('p')
  words.className = 'unsent fault'
  words.setAttribute('role', 'alert')
  words.textContent = text
  form.prepend(words)
}
