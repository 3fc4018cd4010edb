// What a Dockerfile copies from the folder that is its context: COPY and ADD without --from.

/** The sources of every COPY and ADD that reads the context, in the Dockerfile's words. */
export function copiedSources(dockerfile: string): string[] {
  const joined = dockerfile
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\s*\n/g, ' ')
  const sources: string[] = []
  for (const line of joined.split('\n')) {
    const [, rest] = /^\s*(?:COPY|ADD)\s+(.+)$/i.exec(line) ?? []
    if (rest === undefined || /(?:^|\s)--from=/.test(rest)) continue
    const words = rest.replace(/(?:^|\s)--[a-z-]+(?:=\S+)?/g, ' ').trim()
    const names = words.startsWith('[') ? jsonNames(words) : words.split(/\s+/)
    // The last is the destination; a URL is not of this folder.
    sources.push(...names.slice(0, -1).filter((name) => !/^[a-z]+:\/\//.test(name)))
  }
  return [...new Set(sources)]
}

function jsonNames(words: string): string[] {
  const names: unknown = JSON.parse(words)
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}
