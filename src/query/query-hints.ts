// What a query that cannot be understood probably meant.
import type { Refusal } from '../codec/refusal.ts'
import { nearestName } from '../nearest-name.ts'
import { quoted } from '../shown-text.ts'
import { invalidQuery, parameterNames } from './filter.ts'
import { isOperator, operatorNames } from './operators.ts'

// What people know from other services, and what it is here.
const otherNames: Readonly<Record<string, string>> = {
  ...{ _sort: 'sort', order: 'sort', orderby: 'sort', order_by: 'sort', sort_by: 'sort' },
  ...{ select: 'fields', projection: 'fields', project: 'fields', keys: 'fields' },
  ...{ _limit: 'limit', pagesize: 'limit', per_page: 'limit', size: 'limit', top: 'limit' },
  ...{ page: 'after', _page: 'after', offset: 'after', skip: 'after', cursor: 'after' },
}
const otherOperators: Readonly<Record<string, string>> = {
  ...{ '=': 'eq', '==': 'eq', is: 'eq', '!=': 'ne', neq: 'ne', not: 'ne', nin: 'ne', nor: 'ne' },
  ...{ '>': 'gt', '>=': 'gte', ge: 'gte', '<': 'lt', '<=': 'lte', le: 'lte', oneof: 'in' },
  ...{ like: 'contains', ilike: 'contains', regex: 'contains', search: 'contains' },
  ...{ startswith: 'prefix', starts: 'prefix', has: 'exists' },
}

/** Refuses a parameter that there is not. */
export function unknownName(name: string, value: string): Refusal {
  const hint = hintOf(name, parameterNames, otherNames)
  return invalidQuery(
    `There is no parameter ${quoted(name)}; there are ${parameterNames.join(', ')}.${hint} A condition is written ${conditionMeant(name, value)}`,
  )
}

// As others write conditions: n[gte]=1, n[$gte]=1, n_gte=1, n__gte=1, n>=1, n>1, n=gte.1.
function conditionMeant(name: string, value: string): string {
  const [, compared, sign, rest = ''] = /^([^<>!]+)([<>]=?|!)(.*)$/s.exec(name) ?? []
  if (compared !== undefined && sign !== undefined) {
    // The = of the sign has ended the name.
    const isWithEquals = rest === '' && value !== ''
    return written(compared, isWithEquals ? `${sign}=` : sign, rest || value)
  }
  const [, path = name, inName] =
    /^(.+?)\[\$?(\w+)\]$/.exec(name) ?? /^(.+?)__?([a-z]+)$/.exec(name) ?? []
  if (inName !== undefined && operatorOf(inName) !== undefined) return written(path, inName, value)
  const [, inValue = '', operand] = /^([a-z]+)\.(.*)$/s.exec(value) ?? []
  if (operand !== undefined && operatorOf(inValue) !== undefined)
    return written(name, inValue, operand)
  return written(name, 'eq', value)
}

const operatorOf = (name: string) =>
  isOperator(name) ? name : Object.hasOwn(otherOperators, name) ? otherOperators[name] : undefined

const written = (path: string, operator: string, value: string) =>
  `${shortened(path)}:${operatorOf(operator) ?? 'eq'}=${shortened(value)}`

/** Refuses an operator that there is not. */
export function unknownOperator(name: string): Refusal {
  const hint = hintOf(name, operatorNames, otherOperators)
  return invalidQuery(
    `There is no operator ${quoted(name)}; there are ${operatorNames.join(', ')}.${hint}`,
  )
}

const shownCharacters = 40
const shortened = (text: string) =>
  text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters).toWellFormed()}...`

function hintOf(
  given: string,
  known: readonly string[],
  others: Readonly<Record<string, string>>,
): string {
  const name = given.slice(0, shownCharacters).toLowerCase()
  const meant = Object.hasOwn(others, name) ? others[name] : nearestName(name, known)
  return meant === undefined ? '' : ` Did you mean ${meant}?`
}
