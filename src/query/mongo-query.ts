// A filter in MongoDB's words: what finds all that satisfy it, and perhaps more. Values are values, never keys.
import { isObjectId } from '../codec/document-id.ts'
import { type Filter, isNumber, type Scalar, type Test } from './filter.ts'
import { type Path, positionOf } from './path.ts'

export type MongoFilter = Readonly<Record<string, unknown>>

export interface MongoWords {
  /** The value of BSON for an ObjectId of these 24 hex digits. */
  readonly objectId: (hex: string) => unknown
  /** The value of BSON for Extended JSON. */
  readonly extended: (json: string) => unknown
  /** Whether the server knows the types that it may only have from other programs: decimals, symbols. */
  readonly rareTypes: boolean
}

/** The documents that satisfy the filter, and perhaps others; undefined: all documents. */
export const supersetOf = (filter: Filter, words: MongoWords): MongoFilter | undefined =>
  boundOf(filter, words, true)

/** Documents that satisfy the filter, though perhaps not all; undefined: none that is known. */
export const subsetOf = (filter: Filter, words: MongoWords): MongoFilter | undefined =>
  boundOf(filter, words, false)

function boundOf(filter: Filter, words: MongoWords, isSuperset: boolean): MongoFilter | undefined {
  switch (filter.kind) {
    case 'condition': {
      const { path, test } = filter
      return isSuperset ? superset(path, test, words) : subset(path, test, words)
    }
    case 'not': {
      const inner = boundOf(filter.of, words, !isSuperset)
      return inner && { $nor: [inner] }
    }
    default: {
      const isAll = filter.kind === 'all'
      // Without one of its parts `all` finds more, and `any` less.
      const mayLack = isAll === isSuperset
      const parts = filter.of.flatMap((part) => boundOf(part, words, isSuperset) ?? [])
      if (mayLack ? parts.length === 0 : parts.length < filter.of.length) return undefined
      if (parts.length === 0) return isAll ? {} : nothing
      return isAll ? { $and: parts } : { $or: parts }
    }
  }
}

const nothing: MongoFilter = { _id: { $in: [] } }

function superset(path: Path, test: Test, words: MongoWords): MongoFilter | undefined {
  const reach = reachOf(path)
  if (reach?.isWhole) return testOf(reach.name, test, words)
  return reach && { [reach.name]: { $exists: true } }
}

function subset(path: Path, test: Test, words: MongoWords): MongoFilter | undefined {
  const name = exactName(path)
  if (name === undefined) return undefined
  return { $and: [testOf(name, test, words), ...ownTypes(name, test, words)] }
}

// Expressions have a bound of their own in the server; what is left of a longer text finds more.
const maxPattern = 500

function testOf(name: string, test: Test, words: MongoWords): MongoFilter {
  switch (test.op) {
    case 'exists':
      return { [name]: { $exists: true } }
    case 'in':
      return oneOf(name, test.values, words)
    case 'prefix':
      return pattern(name, '^', test.value)
    case 'contains':
      return pattern(name, '', test.value)
    default: {
      const operator = `$${test.op}`
      const values = name === '_id' ? idsOf(test.value, words) : [test.value]
      const parts = values.map((value) => ({ [name]: { [operator]: value } }))
      const [only] = parts
      return parts.length === 1 && only ? only : { $or: parts }
    }
  }
}

// Equal to null is also what is missing, to MongoDB; the type is not.
function oneOf(name: string, values: readonly Scalar[], words: MongoWords): MongoFilter {
  const wanted = values
    .filter((value) => value !== null)
    .flatMap((value) => (name === '_id' ? idsOf(value, words) : [value]))
  const [only] = wanted
  const isOne = wanted.length === 1
  const some = { [name]: isOne ? { $eq: only } : { $in: wanted } }
  if (!values.includes(null)) return some
  const isNull = { [name]: { $type: 10 } }
  return wanted.length === 0 ? isNull : { $or: [isNull, some] }
}

const isHex = (value: Scalar): value is string => typeof value === 'string' && isObjectId(value)

// The text of an ObjectId may be that of a text, too, which another program gave.
const idsOf = (value: Scalar, { objectId }: MongoWords): unknown[] =>
  isHex(value) ? [objectId(value), value] : [value]

function pattern(name: string, anchor: string, text: string): MongoFilter {
  if (text === '') return { [name]: { $type: 'string' } }
  const known =
    text.length <= maxPattern ? text : text.slice(0, maxPattern).replace(/[\ud800-\udbff]$/, '')
  return { [name]: { $regex: `${anchor}${escaped(known)}` } }
}

const escaped = (text: string) => text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replaceAll('\0', '\\x00')

// To the server a decimal is a number and a symbol a text; here they are neither. And an _id that is a text of 24 hex
// digits looks like an ObjectId in the JSON of the document.
function ownTypes(name: string, test: Test, { rareTypes }: MongoWords): MongoFilter[] {
  if (test.op === 'exists') return []
  const values = test.op === 'in' ? test.values : [test.value]
  const hasNumber = values.some(isNumber)
  const hasText = values.some((value) => typeof value === 'string')
  const others: MongoFilter[] = []
  if (hasNumber) {
    others.push({ [name]: { $in: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] } })
    if (rareTypes) others.push({ [name]: { $type: 'decimal' } })
  }
  if (hasText && rareTypes) others.push({ [name]: { $type: 'symbol' } })
  if (hasText && name === '_id' && !values.some(isHex))
    others.push({ _id: { $regex: '^[0-9a-f]{24}$' } })
  return others.length === 0 ? [] : [{ $nor: others }]
}

/** Where a path can be asked about, and whether exactly. */
interface Reach {
  readonly name: string
  /** Whether the server reaches the same values. If not, a document that has any has this member at least. */
  readonly isWhole: boolean
  /** Whether that also holds for what it does not reach: a position in an array is read in more than one way. */
  readonly isExact: boolean
}

/**
 * The server knows no path with an empty key or one with a dot, and reads what follows a position its own way.
 * Undefined: it can be asked about nothing of it.
 */
function reachOf(path: Path): Reach | undefined {
  const steps: string[] = []
  for (const [at, step] of path.entries()) {
    const isPosition = at > 0 && positionOf(step) !== undefined
    const isLast = at === path.length - 1
    if (step === '' || step.includes('.') || (isPosition && !isLast)) {
      return steps.length === 0
        ? undefined
        : { name: steps.join('.'), isWhole: false, isExact: false }
    }
    steps.push(step)
    if (isPosition) return { name: steps.join('.'), isWhole: true, isExact: false }
  }
  return { name: steps.join('.'), isWhole: true, isExact: true }
}

/** The path as the server writes it, if it reads it in the same way; undefined otherwise. */
export function exactName(path: Path): string | undefined {
  const reach = reachOf(path)
  return reach?.isExact ? reach.name : undefined
}
