// What a visitor asks of the list, as the address has it: conditions, a sort, and the place of a page.
import { Refusal } from '../codec/refusal.ts'
import { Problem } from '../http/problem.ts'
import { allOf, type Query } from '../query/filter.ts'
import { parseSort } from '../query/query-string.ts'
import { parseTyped } from '../query/typed-conditions.ts'

/** As it was typed, with what it means or what is wrong with it. */
export interface ListQuery {
  readonly where: string
  readonly sort: string
  /** Whether it asks for the first page. */
  readonly isFirst: boolean
  readonly meaning: Query | QueryFault
}

export interface QueryFault {
  readonly field: 'where' | 'sort'
  readonly problem: Problem
  /** The wrong part of the field's text. */
  readonly start: number
  readonly end: number
}

/** The query in the address, undefined if it has neither conditions nor a sort. */
export function parseListQuery(query: URLSearchParams): ListQuery | undefined {
  const where = query.get('where')?.trim() ?? ''
  const sort = query.get('sort')?.trim() ?? ''
  if (where === '' && sort === '') return undefined
  const after = query.get('after') ?? undefined
  return { where, sort, isFirst: after === undefined, meaning: meaningOf(where, sort, after) }
}

export const isQueryFault = (meaning: Query | QueryFault): meaning is QueryFault =>
  'field' in meaning

function meaningOf(where: string, sort: string, after: string | undefined): Query | QueryFault {
  const conditions = attempt('where', where, () => parseTyped(where))
  if ('field' in conditions) return conditions
  const steps = attempt('sort', sort, () =>
    sort === '' ? newestFirst : parseSort(sort.split(',').map((path) => path.trim())),
  )
  if ('field' in steps) return steps
  const filter = allOf(conditions.map((condition) => condition.filter))
  return { filter, sort: steps, fields: undefined, limit: undefined, after }
}

const newestFirst = parseSort(['-_id'])

function attempt<T>(field: 'where' | 'sort', text: string, read: () => T): T | QueryFault {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { start = 0, end = text.length } = error.details
    const problem = new Problem('invalid_query', error.message)
    return { field, problem, start: Number(start), end: Number(end) }
  }
}
