// The operators of conditions: the one table for the parsers and /openapi.json.
import type { Filter, Scalar, Test } from './filter.ts'
import type { Path } from './path.ts'

/** What an operator compares with, by its kind. */
interface Operands {
  /** Any scalar: a list too, for a bare number may mean two values. */
  readonly one: readonly Scalar[]
  readonly list: readonly Scalar[]
  readonly ordered: string | number | bigint
  readonly text: string
  readonly flag: boolean
}

/** How the operands of one client are read: as text of the query string, or as a value of QUERY. */
export type ReadOperand<Given> = {
  readonly [Kind in keyof Operands]: (given: Given) => Operands[Kind]
}

const operator = <Kind extends keyof Operands>(
  kind: Kind,
  description: string,
  filterOf: (path: Path, operand: Operands[Kind]) => Filter,
) => ({
  description,
  /** The condition of this operator on a path. What `read` throws is thrown. */
  condition: <Given>(path: Path, given: Given, read: ReadOperand<Given>): Filter =>
    filterOf(path, read[kind](given)),
})

const condition = (path: Path, test: Test): Filter => ({ kind: 'condition', path, test })
const oneOf = (path: Path, values: readonly Scalar[]) => condition(path, { op: 'in', values })
const exists = (path: Path) => condition(path, { op: 'exists' })
const not = (of: Filter): Filter => ({ kind: 'not', of })

const order = (op: 'gt' | 'gte' | 'lt' | 'lte', description: string) =>
  operator('ordered', description, (path, value) => condition(path, { op, value }))

const ofText = (op: 'prefix' | 'contains', description: string) =>
  operator('text', description, (path, value) => condition(path, { op, value }))

export const operators = {
  eq: operator('one', 'is this value; null wants a null that is there', oneOf),
  ne: operator('one', 'not eq: also if the member is missing', (path, values) =>
    not(oneOf(path, values)),
  ),
  gt: order('gt', 'is greater: numbers than numbers, texts than texts by their UTF-8 bytes'),
  gte: order('gte', 'is greater or the same'),
  lt: order('lt', 'is less'),
  lte: order('lte', 'is less or the same'),
  in: operator('list', 'is one of these: with commas between them, or a JSON array', oneOf),
  exists: operator('flag', 'true: is there, whatever it is; false: is not', (path, flag) =>
    flag ? exists(path) : not(exists(path)),
  ),
  prefix: ofText('prefix', 'is a text that begins so'),
  contains: ofText('contains', 'is a text that has this in it'),
}

export const operatorNames = Object.keys(operators).filter(isOperator)

export function isOperator(name: string): name is keyof typeof operators {
  return Object.hasOwn(operators, name)
}
