// The operators of conditions: the one table for the parsers and /openapi.json.
import type { Filter, Scalar, Test } from './filter.ts'
import type { Path } from './path.ts'

/**
 * What an operator compares with. `one`: any scalar. `list`: some of them. `ordered`: a number or a text.
 * `text`: a text. `flag`: true or false.
 */
export type OperandKind = 'one' | 'list' | 'ordered' | 'text' | 'flag'

/** What an operator is given, by its kind: `one` is a list too, for a bare number may mean two values. */
export interface Operands {
  readonly one: readonly Scalar[]
  readonly list: readonly Scalar[]
  readonly ordered: string | number | bigint
  readonly text: string
  readonly flag: boolean
}

interface Operator<Kind extends OperandKind> {
  readonly operand: Kind
  readonly example: string
  readonly description: string
  readonly filter: (path: Path, operand: Operands[Kind]) => Filter
}

const condition = (path: Path, test: Test): Filter => ({ kind: 'condition', path, test })
const not = (of: Filter): Filter => ({ kind: 'not', of })

function order(op: 'gt' | 'gte' | 'lt' | 'lte', description: string): Operator<'ordered'> {
  const filter: Operator<'ordered'>['filter'] = (path, value) => condition(path, { op, value })
  return { operand: 'ordered', example: '1e6', description, filter }
}

function ofText(op: 'prefix' | 'contains', description: string): Operator<'text'> {
  const filter: Operator<'text'>['filter'] = (path, value) => condition(path, { op, value })
  return { operand: 'text', example: 'Sw', description, filter }
}

export const operators = {
  eq: {
    operand: 'one',
    example: 'Europe',
    description: 'is this value; null wants a null that is there',
    filter: (path, values) => condition(path, { op: 'in', values }),
  },
  ne: {
    operand: 'one',
    example: 'Europe',
    description: 'not eq: also if the member is missing',
    filter: (path, values) => not(condition(path, { op: 'in', values })),
  },
  gt: order('gt', 'is greater: numbers than numbers, texts than texts by their UTF-8 bytes'),
  gte: order('gte', 'is greater or the same'),
  lt: order('lt', 'is less'),
  lte: order('lte', 'is less or the same'),
  in: {
    operand: 'list',
    example: 'Asia,Africa',
    description: 'is one of these: with commas between them, or a JSON array',
    filter: (path, values) => condition(path, { op: 'in', values }),
  },
  exists: {
    operand: 'flag',
    example: 'true',
    description: 'true: is there, whatever it is; false: is not',
    filter: (path, flag) => {
      const exists = condition(path, { op: 'exists' })
      return flag ? exists : not(exists)
    },
  },
  prefix: ofText('prefix', 'is a text that begins so'),
  contains: ofText('contains', 'is a text that has this in it'),
} as const satisfies {
  readonly eq: Operator<'one'>
  readonly ne: Operator<'one'>
  readonly gt: Operator<'ordered'>
  readonly gte: Operator<'ordered'>
  readonly lt: Operator<'ordered'>
  readonly lte: Operator<'ordered'>
  readonly in: Operator<'list'>
  readonly exists: Operator<'flag'>
  readonly prefix: Operator<'text'>
  readonly contains: Operator<'text'>
}

export type OperatorName = keyof typeof operators

export const operatorNames = Object.keys(operators).filter(isOperator)

export function isOperator(name: string): name is OperatorName {
  return Object.hasOwn(operators, name)
}

/** How the operands of one client are read: as text of the query string, or as a value of QUERY. */
export type ReadOperand<Given> = {
  readonly [Kind in OperandKind]: (given: Given) => Operands[Kind]
}

/** The condition of this operator on a path. What `read` throws is thrown. */
export function conditionOf<Given>(
  name: OperatorName,
  path: Path,
  given: Given,
  read: ReadOperand<Given>,
): Filter {
  const operator = operators[name]
  switch (operator.operand) {
    case 'one':
      return operator.filter(path, read.one(given))
    case 'list':
      return operator.filter(path, read.list(given))
    case 'ordered':
      return operator.filter(path, read.ordered(given))
    case 'text':
      return operator.filter(path, read.text(given))
    case 'flag':
      return operator.filter(path, read.flag(given))
  }
}
