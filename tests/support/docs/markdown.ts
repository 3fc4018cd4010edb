// The project's documents: their fenced blocks with the mark before each, their headings and links.
import { readdirSync, readFileSync } from 'node:fs'

/** A fenced block of a document. */
export interface Block {
  readonly file: string
  /** Of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** The comment on the line before it, without `<!--` and `-->`; empty if there is none. */
  readonly mark: string
}

// What .gitignore names, and what is not ours.
// biome-ignore format: by kind, some in a line
const skipped = new Set([
  'node_modules', '.git', 'build', 'dist', 'data', 'coverage', '.venv', 'raw',
])

/** Every file of the project below a folder, with `/`, sorted. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? filesUnder(path) : [path]
    })
    .sort()
}

/** Every Markdown file of the project. */
export const documents = (): string[] => filesUnder('.').filter((file) => file.endsWith('.md'))

export const read = (file: string): string => readFileSync(file, 'utf8').replaceAll('\r\n', '\n')

/** The fenced blocks of a document, in order. */
export function blocksOf(file: string): Block[] {
  const blocks: Block[] = []
  const lines = read(file).split('\n')
  let open: { line: number; language: string; mark: string; text: string[] } | undefined
  lines.forEach((line, index) => {
    if (open === undefined) {
      const [, language] = /^```(.*)$/.exec(line) ?? []
      if (language === undefined) return
      const [, mark = ''] = /^<!-- (.*) -->$/.exec(lines[index - 1] ?? '') ?? []
      open = { line: index + 1, language, mark, text: [] }
    } else if (line === '```') {
      const { text, ...rest } = open
      blocks.push({ ...rest, file, text: text.join('\n') })
      open = undefined
    } else open.text.push(line)
  })
  if (open !== undefined) throw new Error(`${file}:${open.line}: this block has no end`)
  return blocks
}

/** The anchors of the headings, as GitHub makes them. */
export function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>()
  const text = read(file).replace(/^```[\s\S]*?^```$/gm, '')
  for (const [, heading = ''] of text.matchAll(/^#{1,6} (.+)$/gm)) {
    const base = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    let anchor = base
    for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

export interface Link {
  readonly line: number
  readonly target: string
}

/** The targets of the links and pictures of a document. */
export function linksOf(file: string): Link[] {
  const lines = read(file)
    .replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''))
    .split('\n')
  return lines.flatMap((text, index) =>
    [
      ...text
        .replace(/`[^`]*`/g, '`')
        .matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|(?:src|href)="([^"]+)"/g),
    ].map(([, link, attribute]) => ({ line: index + 1, target: link ?? attribute ?? '' })),
  )
}
