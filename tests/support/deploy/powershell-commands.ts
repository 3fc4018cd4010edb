// What deploy.ps1 runs in each of its functions, read from its syntax tree.
import type { Node } from 'web-tree-sitter'
import { functions } from './powershell-tree.ts'

const names: Record<string, string> = {
  'script:clusterprofile': '{profile}',
  image: '{image}',
  name: '{name}',
  'script:manifestoptions': '[manifest options]',
  'script:startoptions': '[start options]',
  'script:commandoptions': '[command options]',
  'script:minutes': '{minutes}',
  'script:backupfile': '{file}',
  'script:folders': '{folders}',
  'script:clients': '{clients}',
  file: '{1}',
  workload: '{1}',
  deadline: '{2}',
}

const heads: Record<string, string> = {
  'invoke-apply': 'apply',
  'wait-rollout': 'wait_for',
  'read-facts': 'look',
  'find-url': 'find_url',
  'find-token': 'find_token',
  'stop-load': 'end_load',
}

/** The commands of a function in their order, in the words that bash-commands.ts uses. */
export function commandsOf(name: string): string[] {
  const node = functions.find((found) => found.name === name)?.node
  if (node === undefined) throw new Error(`deploy.ps1 has no function ${name}`)
  const arrays = new Map<string, string[]>()
  const commands: string[] = []

  /** An expression as words: here only strings, variables and lists of them are put together. */
  const words = (expression: Node): string[] => {
    if (expression.type === 'string_literal') return [literal(expression.text)]
    if (expression.type === 'variable') {
      const variable = expression.text.slice(1).toLowerCase()
      return arrays.get(variable) ?? [names[variable] ?? `{${variable}}`]
    }
    return children(expression).flatMap(words)
  }

  const visit = (here: Node, conditional: boolean): void => {
    if (here.type === 'assignment_expression') {
      const [left, operator, value] = children(here)
      const variable = left?.text.slice(1).toLowerCase() ?? ''
      const fact = operator?.text === '=' && /Facts\[|\.Split\(/.test(value?.text ?? '')
      if (value !== undefined && !fact) {
        const added = words(value)
        const before = operator?.text === '+=' ? (arrays.get(variable) ?? []) : []
        const bracketed = operator?.text === '+=' && conditional
        arrays.set(variable, [...before, ...(bracketed ? added.map((word) => `[${word}]`) : added)])
        if (['image', 'name', 'state'].includes(variable)) arrays.delete(variable)
      }
      return
    }
    if (here.type === 'command') {
      command(here)
      return
    }
    for (const child of children(here)) visit(child, conditional || here.type === 'if_statement')
  }

  const command = (here: Node): void => {
    const head = here.childForFieldName('command_name')?.text.toLowerCase() ?? ''
    const elements = here.childForFieldName('command_elements')
    const [first, second, third] = (elements ? children(elements) : []).filter(
      (child) => child.type !== 'command_argument_sep',
    )
    const of = (element: Node | undefined) => (element ? words(element).join(' ') : '')
    if (head === 'invoke-step' || head === 'invoke-open') {
      const explain = third ? ` !${of(third)}` : ''
      const kind = head === 'invoke-step' ? 'step' : 'open'
      commands.push(`${kind}: ${of(first)} ${of(second)}${explain}`)
    } else if (head === 'show-command') commands.push(`step: ${of(first)} ${of(second)}`)
    else if (head === 'stop-run') commands.push(`fail ${first?.text}`)
    else if (head === 'confirm-removal') commands.push('confirm')
    else if (heads[head] !== undefined) {
      commands.push([heads[head], of(first), of(second)].filter((word) => word !== '').join(' '))
    }
  }

  visit(node, false)
  return commands
}

const children = (node: Node): Node[] => node.namedChildren.filter((child) => child !== null)

const literal = (text: string): string =>
  text
    .slice(1, -1)
    .replace(/\$\(\$script:Facts\['(\w+)'\]\)/g, '{$1}')
    .replace(/\$\(\$script:(\w+)\)|\$script:(\w+)|\$(\w+)/g, (_, ...found: string[]) => {
      const name = found.slice(0, 3).find((text) => text !== undefined) ?? ''
      return `{${name.toLowerCase()}}`
    })
