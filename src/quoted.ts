// A client's text as a message shows it.

const quotedCharacters = 100

/**
 * In quotes, and at most 100 characters of it: an error must not cost more than what caused it.
 */
export const quoted = (text: string): string =>
  text.length <= quotedCharacters
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, quotedCharacters))}...`
