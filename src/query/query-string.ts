// Reads the query string of GET /data: conditions such as region:eq=Europe, and four parameters.
import { parseJson } from '../codec/extended-id.ts'
import { quoted } from '../shown-text.ts'
import {
  allOf,
  type Filter,
  invalidQuery,
  maxConditions,
  type ParameterName,
  parameterNames,
  type Query,
  type Scalar,
  type SortStep,
} from './filter.ts'
import { barePattern, expectFew, expectNumber, jsonNumberPattern, keptNumber } from './operand.ts'
import { isOperator, operators, type ReadOperand } from './operators.ts'
import { isId, type Path, parsePath } from './path.ts'
import { unknownName, unknownOperator } from './query-hints.ts'

export const maxLimit = 10_000
const maxSorts = 4
const maxFields = 100

const isParameter = (name: string): name is ParameterName =>
  parameterNames.some((known) => known === name)

/**
 * A name with a colon is a condition, one without is a parameter, so that neither can hide the other.
 * @throws Refusal `invalid_query` that says what was probably meant
 */
export function parseQueryString(search: URLSearchParams): Query {
  const filters: Filter[] = []
  const parameters = new Map<ParameterName, string>()
  for (const [name, value] of search) {
    if (name.includes(':')) filters.push(parseCondition(name, value))
    else if (!isParameter(name)) throw unknownName(name, value)
    else if (parameters.has(name)) {
      throw invalidQuery(`The parameter ${name} comes twice; which is meant?`)
    } else parameters.set(name, value)
  }
  if (filters.length > maxConditions) throw tooMany()
  const { limit, sort, fields, after } = Object.fromEntries(parameters)
  return {
    filter: allOf(filters),
    sort: sort === undefined ? [] : parseSort(sort.split(',')),
    fields: fields === undefined ? undefined : checkFields(fields.split(',').map(parsePath)),
    limit: limit === undefined ? undefined : parseLimit(limit),
    after,
  }
}

/** @throws Refusal `invalid_query` */
export function parseCondition(name: string, value: string): Filter {
  const colon = name.lastIndexOf(':')
  const operator = name.slice(colon + 1)
  if (!isOperator(operator)) throw unknownOperator(operator)
  const path = parsePath(name.slice(0, colon))
  return operators[operator].condition(path, { name, text: value }, readText)
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= maxLimit) return Number(text)
  throw invalidQuery(`limit is a number from 1 to ${maxLimit}, not ${quoted(text)}.`)
}

/** The steps of a sort: paths, each with `-` in front for the other direction. */
export function parseSort(texts: readonly string[]): SortStep[] {
  return checkSort(
    texts.map((text) => {
      const descending = text.startsWith('-')
      return { path: parsePath(descending ? text.slice(1) : text), descending }
    }),
  )
}

export function checkSort(sort: SortStep[]): SortStep[] {
  if (sort.length > maxSorts) throw invalidQuery(`sort may have ${maxSorts} paths.`)
  const seen = new Set(sort.map(({ path }) => JSON.stringify(path)))
  if (seen.size < sort.length) throw invalidQuery('sort has a path twice.')
  // Nothing after the _id decides, and its own order is that of no sort.
  const id = sort.findIndex(({ path }) => isId(path))
  if (id === 0 && sort[0]?.descending === false) return []
  return id < 0 ? sort : sort.slice(0, id + 1)
}

export function checkFields(fields: readonly Path[]): readonly Path[] {
  if (fields.length <= maxFields) return fields
  throw invalidQuery(`fields may have ${maxFields} paths.`)
}

export const tooMany = () => invalidQuery(`A query may have ${maxConditions} conditions.`)

interface Given {
  readonly name: string
  readonly text: string
}

const readText: ReadOperand<Given> = {
  one: ({ text }) => scalarsOf(text),
  list: ({ name, text }) => expectFew(listOf(name, text)).flatMap(scalarsOf),
  ordered({ name, text }) {
    if (text === 'null' || text === 'true' || text === 'false') {
      throw invalidQuery(
        `${quoted(name)} compares numbers and texts, not ${text}. As a text it stands in quotes: "${text}".`,
      )
    }
    return jsonNumberPattern.test(text) ? expectNumber(text) : textOf(text)
  },
  text: ({ text }) => textOf(text),
  flag({ name, text }) {
    if (text === 'true' || text === 'false') return text === 'true'
    throw invalidQuery(`${quoted(name)} is true or false, not ${quoted(text)}.`)
  },
}

// A bare number is a text as well: people's data has both. Quotes make it a text alone.
function scalarsOf(text: string): Scalar[] {
  if (text === 'null') return [null]
  if (text === 'true' || text === 'false') return [text === 'true']
  const number = barePattern.test(text) ? keptNumber(text) : undefined
  return number === undefined ? [textOf(text)] : [number, text]
}

// What the quotes hold, if it is a JSON string, else the text as it is.
function textOf(text: string): string {
  if (!text.startsWith('"')) return text
  const value = parseJson(text)
  if (typeof value !== 'string') return text
  if (value.isWellFormed()) return value
  throw invalidQuery(`${quoted(text)} has half of a surrogate pair; no document does.`)
}

// The items as texts, also those of a JSON array: a number may be meant as a text.
function listOf(name: string, text: string): string[] {
  if (text.startsWith('[')) return jsonList(name, text)
  const items: string[] = []
  const item = /("(?:[^"\\]|\\.)*"(?=,|$)|[^,]*)(,|$)/y
  for (;;) {
    const [, found = '', comma] = item.exec(text) ?? []
    items.push(found)
    if (comma !== ',') return items
  }
}

function jsonList(name: string, text: string): string[] {
  let list: unknown
  try {
    // Scalars as the source has them, so that no number is rounded.
    list = JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'object' && value !== null ? value : context?.source,
    )
  } catch {}
  if (!Array.isArray(list)) {
    throw invalidQuery(
      `${quoted(text)} begins with [ and is not a JSON array. A text stands in quotes: "[...".`,
    )
  }
  if (list.every((item) => typeof item === 'string')) return list
  throw invalidQuery(`${quoted(name)} takes texts, numbers, true, false and null.`)
}
