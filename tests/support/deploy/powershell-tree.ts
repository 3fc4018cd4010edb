// deploy.ps1 as a syntax tree, so that its rules are checked where no PowerShell is installed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Language, type Node, Parser } from 'web-tree-sitter'

export const source = readFileSync(new URL('../../../deploy.ps1', import.meta.url), 'utf8')

await Parser.init()
const grammar = 'tree-sitter-powershell/tree-sitter-powershell.wasm'
const parser = new Parser()
parser.setLanguage(await Language.load(createRequire(import.meta.url).resolve(grammar)))

/** The tree of any PowerShell. */
export function treeOf(text: string): Node {
  const tree = parser.parse(text)
  if (tree === null) throw new Error('the parser gave no tree')
  return tree.rootNode
}

export const root = treeOf(source)

/** Every node of the given types below another, in the order of the text. */
export const all = (node: Node, ...types: string[]): Node[] =>
  node.descendantsOfType(types).filter((found) => found !== null)

export interface PowerShellFunction {
  name: string
  node: Node
  /** Without `$`, in lower case: PowerShell does not tell cases apart. */
  parameters: string[]
}

/** The functions of the file. */
export const functions: PowerShellFunction[] = all(root, 'function_statement').map((node) => ({
  name: all(node, 'function_name')[0]?.text ?? '',
  node,
  parameters: all(node, 'script_parameter').map(
    (parameter) => all(parameter, 'variable')[0]?.text.slice(1).toLowerCase() ?? '',
  ),
}))

/** A call: the command's name and the texts of its elements. */
export const callsIn = (node: Node): { name: string; elements: string[]; node: Node }[] =>
  all(node, 'command').map((command) => ({
    name: all(command, 'command_name', 'command_name_expr')[0]?.text ?? '',
    elements: (command.childForFieldName('command_elements')?.namedChildren ?? [])
      .filter((child) => child !== null)
      .filter((child) => child.type !== 'command_argument_sep')
      .map((child) => child.text),
    node: command,
  }))
