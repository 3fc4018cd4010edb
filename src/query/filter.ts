// What a query is when it has been read: the same for the query string, QUERY and both stores.
import { Refusal } from '../codec/refusal.ts'
import type { Path } from './path.ts'

/** A number as it is compared: exactly. A bigint may be an integer that no double equals. */
export type ExactNumber = number | bigint

/** The integer as it is compared. */
export const exactInteger = (value: bigint): ExactNumber =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

/** Whether the value is a number as it is compared. */
export const isNumber = (value: unknown): value is ExactNumber =>
  typeof value === 'number' || typeof value === 'bigint'

export type Scalar = null | boolean | string | ExactNumber

/** What a condition asks of one value. */
export type Test =
  | { readonly op: 'in'; readonly values: readonly Scalar[] }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: string | ExactNumber }
  | { readonly op: 'exists' }
  | { readonly op: 'prefix' | 'contains'; readonly value: string }

/** Holds if any value that the path reaches satisfies the test. */
export interface Condition {
  readonly kind: 'condition'
  readonly path: Path
  readonly test: Test
}

export type Filter =
  | Condition
  | { readonly kind: 'all' | 'any'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }

/** One path of a sort. */
export interface SortStep {
  readonly path: Path
  readonly descending: boolean
}

export interface Query {
  /** Undefined: every document. */
  readonly filter: Filter | undefined
  /** Empty: by _id. The _id decides last in any case. */
  readonly sort: readonly SortStep[]
  /** The members to show, undefined: all. */
  readonly fields: readonly Path[] | undefined
  readonly limit: number | undefined
  /** An _id; with a sort, a cursor. */
  readonly after: string | undefined
}

/** How clients name the members of a query, but for the conditions. */
export const parameterNames = ['limit', 'after', 'sort', 'fields'] as const
export type ParameterName = (typeof parameterNames)[number]

export const maxConditions = 16

/** The refusal of something that is not a query. */
export const invalidQuery = (detail: string, details?: Refusal['details']) =>
  new Refusal('invalid_query', detail, details)

/** The conditions of a filter, in their order. */
export function conditionsIn(filter: Filter | undefined): Condition[] {
  if (filter === undefined) return []
  if (filter.kind === 'condition') return [filter]
  return filter.kind === 'not' ? conditionsIn(filter.of) : filter.of.flatMap(conditionsIn)
}

/** All of these; undefined if there is none. */
export function allOf(filters: readonly Filter[]): Filter | undefined {
  return filters.length < 2 ? filters[0] : { kind: 'all', of: filters }
}
