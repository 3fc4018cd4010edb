// Which files a .dockerignore keeps out of an image, by Docker's own rules.

interface Rule {
  pattern: RegExp
  keep: boolean
}

/** Parses a .dockerignore; the answer says of a path with `/` whether it is left out. */
export function ignoreRules(source: string): (path: string) => boolean {
  const rules = source
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(rule)
  return (path) => {
    let ignored = false
    // The last line that matches decides; a line that names a folder also names what is in it.
    for (const { pattern, keep } of rules) {
      if (keep === ignored && prefixes(path).some((part) => pattern.test(part))) ignored = !keep
    }
    return ignored
  }
}

function rule(line: string): Rule {
  const keep = line.startsWith('!')
  const body = (keep ? line.slice(1).trim() : line).replace(/^(\.?\/)+/, '').replace(/\/+$/, '')
  return { keep, pattern: new RegExp(`^${globToRegExp(body)}$`) }
}

const prefixes = (path: string): string[] => {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Go's filepath.Match and Docker's `**`, which stands for any number of folders. */
export function globToRegExp(glob: string): string {
  return glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|\\.|[.+^${}()|\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[')) return part
    return part.length === 2 ? part : `\\${part}`
  })
}
