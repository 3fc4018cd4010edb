// HTML from templates in which every value is text: nothing a document holds can become markup.
import { visibleText } from '../shown-text.ts'

/** Text that is HTML already. Only `html` and `trustedHtml` make it. */
export interface Html {
  readonly markup: string
}

type Value = Html | string | number | false | undefined | readonly Html[]

/** A template of HTML. Strings are escaped, Html goes in as it is, and false is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let markup = strings[0] ?? ''
  // String.raw takes twice the time.
  values.forEach((value, index) => {
    markup += markupOf(value) + (strings[index + 1] ?? '')
  })
  return { markup }
}

/** Markup that is known to be safe. */
export const trustedHtml = (markup: string): Html => ({ markup })

/** At most 100 characters of what a client sent, each visible: it must not cost more to show than to send. */
export const abbreviateText = (text: string): string =>
  text.length <= 100 ? visibleText(text) : `${visibleText(text.slice(0, 100).toWellFormed())}...`

/** Text as HTML, fit for an element and for an attribute in double quotes. */
const escapeHtml = (text: string): string =>
  /[&<>"']/.test(text)
    ? escapeElementText(text).replace(/"/g, '&quot;').replace(/'/g, '&#39;')
    : text

/**
 * Text as HTML, fit for an element alone. A callback for each match took 16 ms for 256 KiB of them; one character
 * after the other takes 4.
 */
export const escapeElementText = (text: string): string =>
  /[&<>]/.test(text)
    ? text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    : text

function markupOf(value: Value): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map(({ markup }) => markup).join('')
}
