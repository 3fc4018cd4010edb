// A client's text as a message shows it.

const quotedCharacters = 100

/**
 * A text of the client's as a message shows it: in quotes, at most 100 characters of it. An error must
 * not cost more than what caused it.
 */
export const quoted = (text: string): string =>
  text.length <= quotedCharacters
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, quotedCharacters))}...`
