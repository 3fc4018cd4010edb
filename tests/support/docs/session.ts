// Runs the command blocks of one document in one bash, as its reader would, and compares the output.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Block } from './markdown.ts'

export interface Setting {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Shell text that goes before the blocks: functions that stand in for nothing but a name. */
  readonly prelude?: string
  /** What a reader types becomes what runs here: another port, another profile. */
  readonly toHere?: (text: string) => string
  /** What is printed here becomes what the document shows. */
  readonly toDocument?: (text: string) => string
  /** Milliseconds for all blocks. */
  readonly timeout: number
}

interface Step {
  readonly block: Block
  readonly command: string
  /** The lines that a console block shows below the command, or undefined in a block of bash. */
  readonly expected: readonly string[] | undefined
}

const begin = '\u0001'

// What differs from one run to the next, on both sides: the rest has to be equal. Kubernetes makes its
// random names of letters without vowels and digits without 0, 1 and 3.
const random = '[bcdfghjklmnpqrstvwxz2456789]'
const masks: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{24}\b/g, '(id)'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: UTC|Z)?/g, '(date)'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '(address)'],
  [/\b\d{1,3}(?:-\d{1,3}){3}\b/g, '(address)'],
  [
    new RegExp(`-${random}{8,10}-${random}{5}\\b|-${random}{8,10}\\b|-${random}{5}\\b`, 'g'),
    '-(random)',
  ],
  // An age, or thousandths of a CPU.
  [/\b(?:\d+[dhms]){1,2}\b/g, '(time)'],
  [/\b\d+ (?:ms|MiB)\b|\b\d+Mi\b|\b\d+%(?=\/)/g, '(number)'],
  // Columns are as wide as what is in them.
  [/ +/g, ' '],
]
const masked = (line: string) =>
  masks.reduce((text, [pattern, name]) => text.replace(pattern, name), line.trimEnd())

/** What went wrong, one sentence per entry with file and line; empty if all is as documented. */
export async function runBlocks(blocks: readonly Block[], setting: Setting): Promise<string[]> {
  const { toHere = same, toDocument = same } = setting
  const steps = blocks.flatMap(stepsOf)
  const script = steps.map(({ command }) => `printf '${begin}'\n${toHere(command)}\n`)
  const text = `set -eo pipefail\n${setting.prelude ?? ''}\n${script.join('')}printf '${begin}'\n`
  const { output, status } = await bash(text, setting)
  const parts = toDocument(output).split(begin).slice(1)
  const faults: string[] = []
  parts.slice(0, -1).forEach((printed, index) => {
    const step = steps[index]
    if (step?.expected === undefined) return
    const fault = difference(step.expected, linesOf(printed))
    if (fault) faults.push(`${place(step)}: ${step.command}\n${fault}`)
  })
  const failed = steps[parts.length - 1]
  if (status !== 0 && failed) {
    faults.push(`${place(failed)}: ${failed.command}\nended with ${status}:\n${parts.at(-1)}`)
  }
  return faults
}

const same = (text: string) => text
const place = ({ block }: Step) => `${block.file}:${block.line}`
const linesOf = (text: string) => text.trimEnd().split('\n').map(masked)

// A console block: `$ command`, `> its next line`, then what it prints.
function stepsOf(block: Block): Step[] {
  if (block.language !== 'console') return [{ block, command: block.text, expected: undefined }]
  const steps: { block: Block; command: string; expected: string[] }[] = []
  for (const line of block.text.split('\n')) {
    const step = steps.at(-1)
    if (line.startsWith('$ ')) steps.push({ block, command: line.slice(2), expected: [] })
    else if (!step) throw new Error(`${block.file}:${block.line}: a console block begins with "$ "`)
    else if (line.startsWith('> ') && step.expected.length === 0)
      step.command += `\n${line.slice(2)}`
    else step.expected.push(masked(line))
  }
  return steps
}

/** `...` stands for anything in a line, and alone on a line for any lines. */
export function difference(
  expected: readonly string[],
  printed: readonly string[],
): string | undefined {
  const pattern = expected
    .map((line) =>
      line === '...' ? '(?:.*\\n)*?' : `${line.split('...').map(escaped).join('.*')}\\n`,
    )
    .join('')
  const text = printed.map((line) => `${line}\n`).join('')
  const nothing = expected.length === 0 || (expected.length === 1 && expected[0] === '')
  if (nothing ? text.trim() === '' : new RegExp(`^${pattern}$`).test(text)) return undefined
  return `printed:\n${text}and not as documented:\n${expected.join('\n')}`
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

async function bash(text: string, { cwd, env, timeout }: Setting) {
  // A group of its own, so that what a block left running ends with it.
  const args = ['-c', `exec 2>&1\n${text}`]
  const child = spawn('bash', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  }
  const end = () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  const timer = setTimeout(end, timeout)
  const [status, signal] = await once(child, 'close')
  clearTimeout(timer)
  end()
  return { output: Buffer.concat(chunks).toString(), status: status ?? signal }
}
