// A sort in MongoDB's words, and what comes after a place in it.
import { isNumber, type SortStep } from './filter.ts'
import type { KeyValue } from './key-reader.ts'
import { exactName, type MongoFilter, type MongoWords } from './mongo-query.ts'
import { valueSteps } from './place.ts'
import { type Kind, kinds } from './sort-key.ts'

/** The sort for the server, undefined if it reads a path another way. A map keeps the order of keys such as "3". */
export function mongoSort(sort: readonly SortStep[]): ReadonlyMap<string, 1 | -1> | undefined {
  const steps = new Map<string, 1 | -1>()
  for (const { path, descending } of sort) {
    const name = exactName(path)
    if (name === undefined) return undefined
    steps.set(name, descending ? -1 : 1)
  }
  return steps.has('_id') ? steps : steps.set('_id', 1)
}

// The names of the types at the server, by their kinds. It has none for an array: that is one of each element.
const typeNames = new Map<Kind, string>([
  ['minKey', 'minKey'],
  ['null', 'null'],
  ['number', 'number'],
  ['text', 'string'],
  ['object', 'object'],
  ['binary', 'binData'],
  ['objectId', 'objectId'],
  ['boolean', 'bool'],
  ['date', 'date'],
  ['timestamp', 'timestamp'],
  ['pattern', 'regex'],
  ['code', 'javascript'],
  ['codeWithScope', 'javascriptWithScope'],
  ['maxKey', 'maxKey'],
])
const rareKinds: ReadonlySet<Kind> = new Set<Kind>(['minKey', 'code', 'codeWithScope', 'maxKey'])

function kindOf(value: KeyValue): Kind {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'boolean'
  if (isNumber(value)) return 'number'
  if (isItems(value)) return 'array'
  if ('extended' in value) return value.kind
  if ('objectId' in value) return 'objectId'
  if ('milliseconds' in value) return 'date'
  return 'emptyArray' in value ? 'emptyArray' : 'object'
}

// A date of JavaScript ends there.
const lastDate = 8_640_000_000_000_000n
const dateOf = (milliseconds: bigint): Date => {
  const past = milliseconds < -lastDate ? -lastDate : milliseconds
  return new Date(Number(past > lastDate ? lastDate : past))
}

function bsonOf(value: KeyValue, words: MongoWords): unknown {
  if (value === null || typeof value !== 'object') return value
  if (isItems(value)) return value.map((item) => bsonOf(item, words))
  if ('extended' in value) return words.extended(value.extended)
  if ('objectId' in value) return words.objectId(value.objectId)
  if ('milliseconds' in value) return dateOf(value.milliseconds)
  if ('emptyArray' in value) return []
  return new Map([...value].map(([key, member]) => [key, bsonOf(member, words)]))
}

const isItems = (value: KeyValue): value is readonly KeyValue[] => Array.isArray(value)

/**
 * The documents that come after the place with these values in the order of the sort, and perhaps others.
 * `id`: those after its _id, if all values are the same.
 */
export function afterPlace(
  sort: readonly SortStep[],
  values: readonly KeyValue[],
  id: MongoFilter,
  words: MongoWords,
): MongoFilter {
  const branches: MongoFilter[] = []
  const same: MongoFilter[] = []
  for (const [at, { path, descending }] of valueSteps(sort).entries()) {
    const name = exactName(path) ?? ''
    const value = values[at] ?? null
    const following = descending ? less(name, value, words) : greater(name, value, words)
    if (following) branches.push(and([...same, ...following]))
    same.push(equal(name, value, words))
  }
  return { $or: [...branches, { $and: [...same, id] }] }
}

const and = (filters: readonly MongoFilter[]): MongoFilter =>
  filters.length === 0 ? {} : { $and: filters }
const kindsBefore = (kind: Kind) =>
  [...typeNames.keys()].filter((each) => kinds[each] < kinds[kind])
const kindsAfter = (kind: Kind) => [...typeNames.keys()].filter((each) => kinds[each] > kinds[kind])
function hasType(name: string, some: readonly Kind[], { rareTypes }: MongoWords): MongoFilter[] {
  const types = some.flatMap((kind) =>
    rareTypes || !rareKinds.has(kind) ? (typeNames.get(kind) ?? []) : [],
  )
  return types.length === 0 ? [] : [{ [name]: { $type: types } }]
}
const noneOf = (filters: readonly MongoFilter[]) =>
  filters.length === 0 ? [] : [{ $nor: filters }]

// NaN is the least number, but no comparison is true of it.
const aNumber = (name: string) => ({ [name]: { $gte: Number.NEGATIVE_INFINITY } })

// Its least value is greater: no value is as little, and there is one at all.
function greater(name: string, value: KeyValue, words: MongoWords): MongoFilter[] | undefined {
  const kind = kindOf(value)
  // A comparison with MinKey or MaxKey is one with every kind.
  if (kind === 'minKey' || kind === 'emptyArray') return []
  if (kind === 'maxKey') return undefined
  const exists = { [name]: { $exists: true } }
  if (kind === 'null') return [exists, ...noneOf(hasType(name, ['null'], words))]
  // An array is compared whole as well as its elements, so nothing is said of those.
  if (kind === 'array') return [exists, ...noneOf(hasType(name, kindsBefore(kind), words))]
  const operand = bsonOf(value, words)
  const [above, upTo] = Number.isNaN(value)
    ? [aNumber(name), { [name]: { $eq: operand } }]
    : [{ [name]: { $gt: operand } }, { [name]: { $lte: operand } }]
  const later = kinds[kind] < kinds.array ? [{ [name]: { $type: 'array' } }] : []
  return [
    { $or: [above, ...later, ...hasType(name, kindsAfter(kind), words)] },
    ...noneOf([upTo, ...hasType(name, kindsBefore(kind), words)]),
  ]
}

// Its greatest value is less: no value is as great. What is missing is less than anything but an empty array.
function less(name: string, value: KeyValue, words: MongoWords): MongoFilter[] | undefined {
  const kind = kindOf(value)
  if (kind === 'minKey') return undefined
  if (kind === 'emptyArray') return words.rareTypes ? [{ [name]: { $type: 'minKey' } }] : undefined
  if (kind === 'null') {
    const least = { [name]: { $type: 'array' } }
    return [{ $or: [least, ...hasType(name, ['minKey'], words)] }]
  }
  const later = hasType(name, kindsAfter(kind), words)
  if (kind === 'array') return noneOf(later)
  if (kind === 'maxKey') return noneOf(hasType(name, [kind], words))
  const operand = bsonOf(value, words)
  const notLess = Number.isNaN(value)
    ? [{ [name]: { $eq: operand } }, aNumber(name)]
    : [{ [name]: { $gte: operand } }]
  return noneOf([...notLess, ...later])
}

function equal(name: string, value: KeyValue, words: MongoWords): MongoFilter {
  const kind = kindOf(value)
  switch (kind) {
    case 'null':
      return { $or: [{ [name]: { $type: 10 } }, { [name]: { $exists: false } }] }
    case 'emptyArray':
    case 'array':
      return { [name]: { $type: 'array' } }
    case 'minKey':
    case 'maxKey':
      return { [name]: { $type: kind } }
    default:
      return { [name]: { $eq: bsonOf(value, words) } }
  }
}
