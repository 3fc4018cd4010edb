// Which files a .dockerignore keeps out of an image, by Docker's own rules.

interface Rule {
  pattern: RegExp
  keep: boolean
  /** What the pattern begins with, up to its first sign that stands for others. */
  begin: string
}

export interface Ignored {
  /** Whether a path with `/` is left out. */
  file: (path: string) => boolean
  /** Whether a folder is left out with all that is in it: no `!` can bring any of it back. */
  folder: (path: string) => boolean
}

/** Parses a .dockerignore. */
export function ignoreRules(source: string): Ignored {
  const rules = source
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(rule)
  const kept = rules.filter(({ keep }) => keep).map(({ begin }) => begin)
  const file = (path: string) => {
    let ignored = false
    // The last line that matches decides; a line that names a folder also names what is in it.
    for (const { pattern, keep } of rules) {
      if (keep === ignored && prefixes(path).some((part) => pattern.test(part))) ignored = !keep
    }
    return ignored
  }
  const mayKeep = (folder: string) =>
    kept.some((begin) => begin.startsWith(folder) || folder.startsWith(begin))
  return { file, folder: (path) => file(path) && !mayKeep(`${path}/`) }
}

function rule(line: string): Rule {
  const keep = line.startsWith('!')
  const body = (keep ? line.slice(1).trim() : line).replace(/^(\.?\/)+/, '').replace(/\/+$/, '')
  const [begin = ''] = body.split(/[*?[\\]/)
  return { keep, pattern: new RegExp(`^${globToRegExp(body)}$`), begin }
}

const prefixes = (path: string): string[] => {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Go's filepath.Match and Docker's `**`, which stands for any number of folders. */
function globToRegExp(glob: string): string {
  return glob.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|\\.|[.+^${}()|\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[')) return part
    return part.length === 2 ? part : `\\${part}`
  })
}
