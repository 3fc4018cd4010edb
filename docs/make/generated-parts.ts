// The parts of a document that are made from code: each between two comments that name it.

/** The comments before and after a made part. */
const marks = (name: string) => ({
  begin: `<!-- made by npm run docs: ${name} -->`,
  end: `<!-- end of ${name} -->`,
})

/**
 * The document with its made parts in it.
 * @throws Error if a part has no place in the document, or a place has no part
 */
export function withParts(document: string, parts: Readonly<Record<string, string>>): string {
  for (const [, name = ''] of document.matchAll(/^<!-- made by npm run docs: (.*) -->$/gm)) {
    if (!Object.hasOwn(parts, name)) throw new Error(`nothing makes the part "${name}"`)
  }
  return Object.entries(parts).reduce((text, [name, part]) => {
    const { begin, end } = marks(name)
    const start = text.indexOf(`${begin}\n`)
    const stop = text.indexOf(`${end}\n`, start)
    if (start < 0 || stop < 0) throw new Error(`the document has no place for the part "${name}"`)
    return `${text.slice(0, start)}${begin}\n\n${part.trim()}\n\n${text.slice(stop)}`
  }, document)
}

/** A table of Markdown. A bar in a cell would end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
