// The API reference, made from the document at /openapi.json.
import { table } from './generated-parts.ts'

type Members = Readonly<Record<string, unknown>>

/** The members of an object; none for any other value. */
const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

// The lines of an answer's description: one per problem code, if there are any.
const linesOf = (response: unknown): string[] => text(members(response).description).split('\n')

/** The lines that every operation has, by status: said once, and left out everywhere else. */
function commonLines(openApi: unknown): Map<string, Set<string>> {
  const operations = Object.values(members(members(openApi).paths)).flatMap((methods) =>
    Object.values(members(methods)).map((operation) => members(members(operation).responses)),
  )
  const common = new Map<string, Set<string>>()
  for (const [status, response] of Object.entries(operations[0] ?? {})) {
    const lines = linesOf(response).filter((line) =>
      operations.every((responses) => linesOf(responses[status]).includes(line)),
    )
    if (lines.length > 0) common.set(status, new Set(lines))
  }
  return common
}

/** What any request may be answered with, whatever its address. */
export const everywhere = (openApi: unknown): string =>
  table(
    ['status', 'meaning'],
    [...commonLines(openApi)].map(([status, lines]) => [status, [...lines].join('<br>')]),
  )

/** Every operation whose path `wanted` accepts: a heading for each, its parameters and its answers. */
export function operations(openApi: unknown, wanted: (path: string) => boolean): string {
  const parts: string[] = []
  const common = commonLines(openApi)
  for (const [path, methods] of Object.entries(members(members(openApi).paths))) {
    if (!wanted(path)) continue
    for (const [method, operation] of Object.entries(members(methods))) {
      parts.push(
        section(`${method.replace('x-', '').toUpperCase()} ${path}`, members(operation), common),
      )
    }
  }
  return parts.join('\n\n')
}

function section(
  title: string,
  operation: Members,
  common: ReadonlyMap<string, Set<string>>,
): string {
  return [
    `### ${title}`,
    `${text(operation.summary)}.`,
    text(operation.description),
    parameters(items(operation.parameters)),
    body(members(operation.requestBody)),
    responses(members(operation.responses), common),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function parameters(list: readonly unknown[]): string {
  if (list.length === 0) return ''
  return table(
    ['parameter', 'in', 'type', 'meaning'],
    list.map((entry) => {
      const { name, in: place, required, schema, description } = members(entry)
      const always = required === true ? ', always' : ''
      return [`\`${text(name)}\``, `${text(place)}${always}`, type(schema), text(description)]
    }),
  )
}

function body({ content }: Members): string {
  const forms = contents(content)
  return forms === '' ? '' : `Body: ${forms}.`
}

function responses(byStatus: Members, common: ReadonlyMap<string, Set<string>>): string {
  const rows = Object.entries(byStatus).flatMap(([status, response]) => {
    const { content, headers } = members(response)
    const lines = linesOf(response).filter((line) => !common.get(status)?.has(line))
    if (lines.length === 0) return []
    const names = Object.entries(members(headers)).map(
      ([name, header]) => `\`${name}\`: ${text(members(header).description)}`,
    )
    return [[status, contents(content), [...lines, ...names].join('<br>')]]
  })
  return table(['status', 'body', 'meaning'], rows)
}

const contents = (content: unknown): string =>
  Object.entries(members(content))
    .map(([media, form]) => {
      const of = type(members(form).schema)
      return of === '' || of === 'string' ? `\`${media}\`` : `\`${media}\` (${of})`
    })
    .join(', ')

/** A schema in a few words. */
function type(schema: unknown): string {
  const { $ref, oneOf, type, items: item, minimum, maximum } = members(schema)
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (Array.isArray(oneOf)) return oneOf.map(typeOf).join(' or ')
  if (type === 'array') return `array of ${typeOf(item)}`
  const range = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}` : ''
  return `${items(type).length > 0 ? items(type).join(' or ') : text(type)}${range}`
}
const typeOf = (schema: unknown) => type(schema)

/** Every schema: its description and its members. */
export function schemas(openApi: unknown): string {
  const all = members(members(members(openApi).components).schemas)
  return Object.entries(all)
    .map(([name, schema]) => {
      const { description, properties, required } = members(schema)
      const needed = new Set(items(required))
      const rows = Object.entries(members(properties)).map(([member, value]) => [
        `\`${member}\``,
        type(value),
        needed.has(member) ? 'always' : '',
        text(members(value).description),
      ])
      const shape = rows.length > 0 ? table(['member', 'type', '', 'meaning'], rows) : type(schema)
      return [`### ${name}`, text(description), shape].filter((part) => part !== '').join('\n\n')
    })
    .join('\n\n')
}
