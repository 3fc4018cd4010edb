// A client's text as it is shown to people: short, and every character visible.

const quotedCharacters = 100

/** In quotes, at most 100 characters: an error must not cost more than what caused it. */
export const quoted = (text: string): string =>
  text.length <= quotedCharacters
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, quotedCharacters))}...`

// Control and format characters, what may be left out, line separators, and a blank that is a symbol. Within an
// emoji the joiner and the selector are seen.
const unseen =
  /(?<!\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d|\u200d(?!\p{Extended_Pictographic})|(?<!\p{Extended_Pictographic})\ufe0f(?!\u20e3)|(?!\u200d|\ufe0f)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu

/**
 * The text with the code of each character that cannot be seen, as JSON writes it: `\u202e`. JSON text without line
 * breaks and tabs between its tokens stays the same JSON.
 */
export const visibleText = (text: string): string =>
  text.search(unseen) < 0 ? text : text.replace(unseen, codeOf)

function codeOf(character: string): string {
  let code = ''
  for (let at = 0; at < character.length; at++) {
    code += `\\u${(0x10000 + character.charCodeAt(at)).toString(16).slice(1)}`
  }
  return code
}
