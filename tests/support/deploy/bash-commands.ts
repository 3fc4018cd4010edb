// What deploy.sh runs in each of its functions, read from its text.
import { readFileSync } from 'node:fs'

const source = readFileSync(new URL('../../../deploy.sh', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => !/^\s*#/.test(line))
  .join('\n')
  .replace(/\s*\\\n\s*/g, ' ')
  .replace(/\|\|\n\s*/g, '|| ')

/** The body of a function. */
export function bodyOf(name: string): string {
  const found = new RegExp(`^${name}\\(\\) \\{(?: (.*); \\}|\\n([\\s\\S]*?)\\n\\})$`, 'm').exec(
    source,
  )
  const body = found?.[1] ?? found?.[2]
  if (body === undefined) throw new Error(`deploy.sh has no function ${name}`)
  return body
}

const names: Record<string, string> = {
  profile: '{profile}',
  image: '{image}',
  image_to_push: '{name}',
  backup_file: '{file}',
  minutes: '{minutes}',
  clients: '{clients}',
  platforms: '{platforms}',
  1: '{1}',
  2: '{2}',
}

/** One word of a command, with variables as {name} and what may be absent in brackets. */
function word(text: string): string {
  if (text.includes('publish')) return '[--ports={publish}]'
  if (text.includes('folders')) return '{folders}'
  const [, passed] = /(manifest|start|command)_options/.exec(text) ?? []
  if (passed !== undefined) return `[${passed} options]`
  const [, option] = /\$\{?([a-z]+)_option\b/.exec(text) ?? []
  if (option !== undefined) return `[--${option === 'show' ? 'show-password' : option}]`
  return text
    .replace(/^["']|["']$/g, '')
    .replace(/\$\{?(\w+)\}?/g, (_, name: string) => names[name] ?? `{${name}}`)
}

const words = (text: string): string[] =>
  text.match(/\$\{[^ ]*\}"?\}|(?:"[^"]*"|'[^']*'|\S)+/g)?.map(word) ?? []

/** The commands of a function in their order: `step: minikube start ... !start`. */
export function commandsOf(name: string): string[] {
  const found: string[] = []
  for (const line of bodyOf(name).split('\n')) {
    // Each part stands between `||`, `;` and the arms of a case.
    for (const part of line.split(/\s*\|\|\s*|;;|; |\) (?=run)|then |else /)) {
      const [head = '', ...rest] = words(part.trim())
      if (head === 'run' || head === 'run_open') {
        found.push(`${head === 'run' ? 'step' : 'open'}: ${rest.join(' ')}`)
      } else if (head === 'explain' && found.length > 0) {
        found.push(`${found.pop()} !${rest.join(' ')}`)
      } else if (
        ['apply', 'wait_for', 'look', 'find_url', 'find_token', 'end_load'].includes(head)
      ) {
        found.push([head, ...rest].join(' '))
      } else if (head === 'fail') found.push(`fail ${rest[0]}`)
      else if (head === 'confirm') found.push('confirm')
    }
  }
  return found
}
