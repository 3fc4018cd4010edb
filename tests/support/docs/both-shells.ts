// Whether a line of the documents can be typed in Windows PowerShell as it stands, found without running it.
import { all, callsIn, treeOf } from '../deploy/powershell-tree.ts'
import type { Block } from './markdown.ts'

/** What bash has, and neither Windows PowerShell 5.1 nor a reader who copies a line from bash. */
export const onlyBash: Readonly<Record<string, RegExp>> = {
  '&&': /&&/,
  '||': /\|\|/,
  export: /^\s*export\s/m,
  'VAR=x command': /^\s*[A-Za-z_]\w*=/m,
  'a backslash at the end of a line': /\\$/m,
}

// Programs of that name on every system; curl is an alias of another command in 5.1.
// biome-ignore format: by kind, some in a line
const programs = new Set([
  'cd', 'docker', 'git', 'helm', 'kubectl', 'minikube', 'node', 'npm', 'winget', 'wsl',
  'ask', // a function that docs/kubernetes.md defines for both
])

/** Why the text of bash cannot be typed in PowerShell, in a few words; undefined if it can. */
export function bashFault(text: string): string | undefined {
  for (const [what, pattern] of Object.entries(onlyBash)) if (pattern.test(text)) return what
  // A program gets its -- in PowerShell too, and the grammar knows none.
  // npm is a script there, and loses it.
  if (/\bnpm\b.* -- /.test(text)) return "a bare -- of npm: '--'"
  const root = treeOf(`${text}\n`.replaceAll(/ -- /g, " '--' "))
  if (root.hasError) return 'it does not parse'
  for (const { name, node } of callsIn(root)) {
    if (!programs.has(name)) return `${name} is not a command of both`

    const texts = all(node, 'verbatim_string_characters', 'expandable_string_literal')
    // Windows PowerShell 5.1 passes no double quote on to a program.
    if (texts.some(({ text }) => text.slice(1, -1).includes('"'))) return 'a double quote in a text'
  }
  return undefined
}

/** The commands of a block, without what a console block shows below them. */
export const commandsOf = ({ language, text }: Block): string =>
  language !== 'console'
    ? text
    : text
        .split('\n')
        .filter((line) => /^[$>] /.test(line))
        .map((line) => line.slice(2))
        .join('\n')
