// Reads the body of QUERY /data (RFC 10008): conditions with and, or and not, in literal JSON.
import { Refusal } from '../codec/refusal.ts'
import { quoted } from '../shown-text.ts'
import {
  conditionsIn,
  type Filter,
  invalidQuery,
  isNumber,
  maxConditions,
  parameterNames,
  type Query,
  type Scalar,
  type SortStep,
} from './filter.ts'
import { expectFew, expectNumber } from './operand.ts'
import { isOperator, operatorNames, operators, type ReadOperand } from './operators.ts'
import { checkPath, type Path, parsePath } from './path.ts'
import { checkFields, checkSort, maxLimit, tooMany } from './query-string.ts'

export const maxQueryBytes = 64 * 1024
const maxLevels = 5

const members = ['where', ...parameterNames]

/**
 * @param text a JSON object
 * @throws Refusal `invalid_query` with the pointer of what is wrong
 */
export function parseQueryBody(text: string): Query {
  const body: unknown = JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? expectNumber(context?.source ?? String(value)) : value,
  )
  if (!isObject(body)) throw invalid('', 'A query is a JSON object, {"where": [...]}.')
  const other = Object.keys(body).find((name) => !members.includes(name))
  if (other !== undefined) {
    const why = `There is no ${quoted(other)}; there is ${members.join(', ')}.`
    throw invalid(`/${other.slice(0, 100)}`, why)
  }
  const { where, sort, fields, limit, after } = body
  const filter = where === undefined ? undefined : readFilter(where, '/where', 1)
  if (conditionsIn(filter).length > maxConditions) throw tooMany()
  return {
    filter,
    sort: sort === undefined ? [] : checkSort(readList(sort, '/sort').map(readSort)),
    fields: fields === undefined ? undefined : readFields(fields),
    limit: limit === undefined ? undefined : readLimit(limit),
    after: after === undefined ? undefined : readText(after, '/after'),
  }
}

function readFilter(value: unknown, pointer: string, level: number): Filter {
  if (level > maxLevels) throw invalid(pointer, `Conditions nest ${maxLevels} levels deep.`)
  if (!Array.isArray(value) || typeof value[0] !== 'string') {
    throw invalid(pointer, 'A condition is a list such as ["eq", "name", "Ada"].')
  }
  const [name, ...operands]: [string, ...unknown[]] = [value[0], ...value.slice(1)]
  if (name === 'and' || name === 'or') {
    const of = operands.map((part, index) => readFilter(part, `${pointer}/${index + 1}`, level + 1))
    if (of.length > maxConditions) throw tooMany()
    return { kind: name === 'and' ? 'all' : 'any', of }
  }
  if (name === 'not') {
    if (operands.length !== 1) throw invalid(pointer, 'not has one condition.')
    return { kind: 'not', of: readFilter(operands[0], `${pointer}/1`, level + 1) }
  }
  if (!isOperator(name)) {
    const known = ['and', 'or', 'not', ...operatorNames].join(', ')
    throw invalid(`${pointer}/0`, `There is no operator ${quoted(name)}; there are ${known}.`)
  }
  if (operands.length !== 2) throw invalid(pointer, `${name} has a path and a value.`)
  const [path, operand] = operands
  const given = { value: operand, pointer: `${pointer}/2` }
  return operators[name].condition(readPath(path, `${pointer}/1`), given, readOperand)
}

interface Given {
  readonly value: unknown
  readonly pointer: string
}

const readOperand: ReadOperand<Given> = {
  one: ({ value, pointer }) => [readScalar(value, pointer)],
  list: ({ value, pointer }) =>
    fewOf(readList(value, pointer), pointer).map((item, index) =>
      readScalar(item, `${pointer}/${index}`),
    ),
  ordered({ value, pointer }) {
    if (isNumber(value)) return value
    if (typeof value === 'string') return readText(value, pointer)
    throw invalid(pointer, 'Only numbers and texts are compared.')
  },
  text: ({ value, pointer }) => readText(value, pointer),
  flag({ value, pointer }) {
    if (typeof value === 'boolean') return value
    throw invalid(pointer, 'exists takes true or false.')
  },
}

const fewOf = (list: readonly unknown[], pointer: string) => at(pointer, () => expectFew(list))

function readScalar(value: unknown, pointer: string): Scalar {
  if (value === null || typeof value === 'boolean' || isNumber(value)) return value
  if (typeof value === 'string') return readText(value, pointer)
  throw invalid(pointer, 'A value is a text, a number, true, false or null.')
}

function readPath(value: unknown, pointer: string): Path {
  if (typeof value === 'string') return at(pointer, () => parsePath(value))
  if (Array.isArray(value) && value.every((step) => typeof step === 'string')) {
    return at(pointer, () => checkPath(value, value.join('.')))
  }
  throw invalid(pointer, 'A path is a text, or a list of keys.')
}

// Adds the place.
function at<T>(pointer: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Refusal ? invalid(pointer, error.message) : error
  }
}

const readFields = (fields: unknown) =>
  checkFields(
    readList(fields, '/fields').map((field, index) => readPath(field, `/fields/${index}`)),
  )

// A list of keys has no room for the minus; the object has.
function readSort(value: unknown, index: number): SortStep {
  const pointer = `/sort/${index}`
  if (isObject(value)) {
    const { path, descending = false, ...rest } = value
    if (typeof descending === 'boolean' && Object.keys(rest).length === 0) {
      return { path: readPath(path, pointer), descending }
    }
    throw invalid(pointer, 'A step of a sort is a path, or {"path": ["a.b"], "descending": true}.')
  }
  const descending = typeof value === 'string' && value.startsWith('-')
  return { path: readPath(descending ? value.slice(1) : value, pointer), descending }
}

function readLimit(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxLimit) {
    return value
  }
  throw invalid('/limit', `limit is a number from 1 to ${maxLimit}.`)
}

function readText(value: unknown, pointer: string): string {
  if (typeof value === 'string' && value.isWellFormed()) return value
  throw invalid(pointer, 'This must be a text, without half of a surrogate pair.')
}

function readList(value: unknown, pointer: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalid(pointer, 'This must be a list.')
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (pointer: string, detail: string) =>
  invalidQuery(pointer === '' ? detail : `At ${pointer}: ${detail}`, { pointer })
