// The headers that tell a browser what it may not do with an answer.

/** Headers of an answer, by their names as they are sent. */
export type AnswerHeaders = Readonly<Record<string, string>>

/** Not to guess another media type, and not to hand it to pages of other sites (Fetch standard, CORP). */
const always = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** For data and files: nothing in them may run, load or be framed. */
export const dataSecurity: AnswerHeaders = {
  ...always,
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
}

/**
 * For a page: its own files and forms alone. With `no-referrer` a browser sends `Origin: null` with our own forms.
 */
export const pageSecurity: AnswerHeaders = {
  ...always,
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
