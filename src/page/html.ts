// HTML from templates in which every value is text: nothing a document holds can become markup.

/** Text that is HTML already. Only `html` and `raw` make it. */
export interface Html {
  readonly markup: string
}

type Value = Html | string | number | undefined | readonly Html[]

/** A template of HTML. Strings and numbers in it are escaped, Html goes in as it is. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let markup = strings[0] ?? ''
  values.forEach((value, index) => {
    markup += markupOf(value) + (strings[index + 1] ?? '')
  })
  return { markup }
}

/** Markup that the caller vouches for. */
export const raw = (markup: string): Html => ({ markup })

/** Text as HTML, fit for an element and for an attribute in double quotes. */
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

/** Text as HTML, fit for an element alone. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>]/g, (character) => entities[character] ?? '')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function markupOf(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map(({ markup }) => markup).join('')
}
