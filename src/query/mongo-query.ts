// A query in MongoDB's words: what finds all that satisfy it, and perhaps more. Values are values, never keys.
import { conditionsIn, type Filter, type Scalar, type SortStep, type Test } from './filter.ts'
import type { KeyValue } from './key-reader.ts'
import { type Path, positionOf } from './path.ts'

/** A document of the database's query language. */
export type MongoFilter = Readonly<Record<string, unknown>>

export interface MongoWords {
  /** The value of BSON for an ObjectId of these 24 hex digits. */
  readonly objectId: (hex: string) => unknown
  /** Whether the server knows the types that it may only have from other programs: decimals, symbols. */
  readonly rareTypes: boolean
}

const nothing: MongoFilter = { _id: { $in: [] } }

/** Where a path can be asked about, and whether exactly. */
interface Reach {
  readonly name: string
  /** Whether the server reaches the same values. If not, a document that has any has this member at least. */
  readonly isWhole: boolean
  /** Whether that also holds for what it does not reach: a position in an array is read in more than one way. */
  readonly isExact: boolean
}

// The server knows no path with an empty key or one with a dot; and it reads what follows a position its own way.
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

/** The documents that satisfy the filter, and perhaps others; undefined: all documents. */
export function supersetOf(filter: Filter, words: MongoWords): MongoFilter | undefined {
  switch (filter.kind) {
    case 'condition': {
      const reach = reachOf(filter.path)
      if (reach === undefined) return undefined
      return reach.isWhole
        ? testOf(reach.name, filter.test, words)
        : { [reach.name]: { $exists: true } }
    }
    case 'not': {
      const inner = subsetOf(filter.of, words)
      return inner && { $nor: [inner] }
    }
    case 'all': {
      const parts = filter.of.flatMap((part) => supersetOf(part, words) ?? [])
      return parts.length === 0 ? undefined : { $and: parts }
    }
    case 'any': {
      const parts = filter.of.map((part) => supersetOf(part, words))
      if (parts.length === 0) return nothing
      return parts.includes(undefined) ? undefined : { $or: parts }
    }
  }
}

/** Documents that satisfy the filter, though perhaps not all; undefined: none that is known. */
export function subsetOf(filter: Filter, words: MongoWords): MongoFilter | undefined {
  switch (filter.kind) {
    case 'condition': {
      const reach = reachOf(filter.path)
      if (!reach?.isExact) return undefined
      return {
        $and: [testOf(reach.name, filter.test, words), ...ownTypes(reach.name, filter.test, words)],
      }
    }
    case 'not': {
      const inner = supersetOf(filter.of, words)
      return inner && { $nor: [inner] }
    }
    case 'all': {
      const parts = filter.of.map((part) => subsetOf(part, words))
      if (parts.length === 0) return {}
      return parts.includes(undefined) ? undefined : { $and: parts }
    }
    case 'any': {
      const parts = filter.of.flatMap((part) => subsetOf(part, words) ?? [])
      return parts.length === 0 ? undefined : { $or: parts }
    }
  }
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

// The text of an ObjectId may be that of a text, too, which another program gave.
const idsOf = (value: Scalar, { objectId }: MongoWords): unknown[] =>
  typeof value === 'string' && /^[0-9a-f]{24}$/.test(value) ? [objectId(value), value] : [value]

function pattern(name: string, anchor: string, text: string): MongoFilter {
  if (text === '') return { [name]: { $type: 'string' } }
  const known =
    text.length <= maxPattern ? text : text.slice(0, maxPattern).replace(/[\ud800-\udbff]$/, '')
  return { [name]: { $regex: `${anchor}${escaped(known)}` } }
}

const escaped = (text: string) => text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replaceAll('\0', '\\x00')

// To the server a decimal is a number and a symbol a text. Here they are neither.
function ownTypes(name: string, test: Test, { rareTypes }: MongoWords): MongoFilter[] {
  if (test.op === 'exists') return []
  const values = test.op === 'in' ? test.values : [test.value]
  const hasNumber = values.some((value) => typeof value === 'number' || typeof value === 'bigint')
  const hasText = values.some((value) => typeof value === 'string')
  const others: MongoFilter[] = []
  if (hasNumber) {
    others.push({ [name]: { $in: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] } })
    if (rareTypes) others.push({ [name]: { $type: 'decimal' } })
  }
  if (hasText && rareTypes) others.push({ [name]: { $type: 'symbol' } })
  return others.length === 0 ? [] : [{ $nor: others }]
}

/** Whether the filter can be narrowed down on the server at all. */
export const isNarrowed = (filter: Filter, words: MongoWords): boolean =>
  conditionsIn(filter).length > 0 && supersetOf(filter, words) !== undefined

/**
 * The sort for the server, or undefined: there is a path that it reads another way. A map, for an object
 * loses the order of keys such as "3".
 */
export function mongoSort(sort: readonly SortStep[]): ReadonlyMap<string, 1 | -1> | undefined {
  const steps = new Map<string, 1 | -1>()
  for (const { path, descending } of sort) {
    const reach = reachOf(path)
    if (!reach?.isExact) return undefined
    steps.set(reach.name, descending ? -1 : 1)
    // Nothing after the _id can decide.
    if (reach.name === '_id') return steps
  }
  return steps.set('_id', 1)
}

// The kinds of a sort, and the names of their types at the server.
// biome-ignore format: by kind, some in a line
const kinds = [
  'emptyArray', 'null', 'number', 'text', 'object', 'array',
  'binary', 'objectId', 'boolean', 'date', 'timestamp', 'pattern',
] as const
type Kind = (typeof kinds)[number]
const typesOf: Readonly<Record<Kind, readonly string[]>> = {
  emptyArray: [],
  null: ['null'],
  number: ['number'],
  text: ['string'],
  object: ['object'],
  array: [],
  binary: ['binData'],
  objectId: ['objectId'],
  boolean: ['bool'],
  date: ['date'],
  timestamp: ['timestamp'],
  pattern: ['regex'],
}

const kindOf = (value: KeyValue): Kind => {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'boolean'
    case 'number':
    case 'bigint':
      return 'number'
  }
  if (Array.isArray(value)) return 'array'
  if ('objectId' in value) return 'objectId'
  if ('milliseconds' in value) return 'date'
  return 'emptyArray' in value ? 'emptyArray' : 'object'
}

function bsonOf(value: KeyValue, words: MongoWords): unknown {
  if (value === null || typeof value !== 'object') return value
  if ('objectId' in value) return words.objectId(value.objectId)
  return 'milliseconds' in value ? new Date(Number(value.milliseconds)) : value
}

/**
 * The documents that come after the place with these values in the order of the sort, and perhaps others.
 * `id`: those after the _id, if all values are the same.
 */
export function afterPlace(
  sort: readonly SortStep[],
  values: readonly KeyValue[],
  id: MongoFilter,
  words: MongoWords,
): MongoFilter {
  const branches: MongoFilter[] = []
  const same: MongoFilter[] = []
  for (const [at, { path, descending }] of sort.entries()) {
    const name = reachOf(path)?.name ?? ''
    const value = values[at] ?? null
    const following = descending ? less(name, value, words) : greater(name, value, words)
    if (following) branches.push(and([...same, ...following]))
    same.push(equal(name, value, words))
    if (name === '_id') return { $or: branches }
  }
  return { $or: [...branches, { $and: [...same, id] }] }
}

const and = (filters: readonly MongoFilter[]): MongoFilter =>
  filters.length === 0 ? {} : { $and: filters }
const before = (kind: Kind) => kinds.slice(0, kinds.indexOf(kind))
const kindsAfter = (kind: Kind) => kinds.slice(kinds.indexOf(kind) + 1)
const hasType = (name: string, some: readonly Kind[]) => {
  const types = some.flatMap((kind) => typesOf[kind])
  return types.length === 0 ? [] : [{ [name]: { $type: types } }]
}
const noneOf = (filters: readonly MongoFilter[]) =>
  filters.length === 0 ? [] : [{ $nor: filters }]

// Its least value is greater: no value is as little, and there is one at all.
function greater(name: string, value: KeyValue, words: MongoWords): MongoFilter[] | undefined {
  const kind = kindOf(value)
  if (kind === 'emptyArray') return []
  const exists = { [name]: { $exists: true } }
  if (kind === 'null') return [exists, ...noneOf(hasType(name, ['null']))]
  // An array is compared whole as well as its elements, so nothing is said of those.
  if (kind === 'array') return [exists, ...noneOf(hasType(name, before(kind)))]
  const operand = bsonOf(value, words)
  const above = [{ [name]: { $gt: operand } }]
  const later = kindsAfter(kind).includes('array')
    ? [{ [name]: { $type: 'array' } }, ...hasType(name, kindsAfter(kind))]
    : hasType(name, kindsAfter(kind))
  return [
    { $or: [...above, ...later] },
    ...noneOf([{ [name]: { $lte: operand } }, ...hasType(name, before(kind))]),
  ]
}

// Its greatest value is less: no value is as great. What is missing is less than anything but an empty array.
function less(name: string, value: KeyValue, words: MongoWords): MongoFilter[] | undefined {
  const kind = kindOf(value)
  if (kind === 'emptyArray') return undefined
  if (kind === 'null') return [{ [name]: { $type: 'array' } }]
  if (kind === 'array') return noneOf(hasType(name, kindsAfter(kind)))
  const operand = bsonOf(value, words)
  return noneOf([{ [name]: { $gte: operand } }, ...hasType(name, kindsAfter(kind))])
}

function equal(name: string, value: KeyValue, words: MongoWords): MongoFilter {
  switch (kindOf(value)) {
    case 'null':
      return { $or: [{ [name]: { $type: 10 } }, { [name]: { $exists: false } }] }
    case 'emptyArray':
    case 'array':
      return { [name]: { $type: 'array' } }
    default:
      return { [name]: { $eq: bsonOf(value, words) } }
  }
}
