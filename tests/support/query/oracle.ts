// What a query means, said a second time and as simply as can be: it shares no code with src/.

/** A value of a document. Objects are lists of members, for their order counts. */
export type Value =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly source: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'objectId'; readonly hex: string }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Value])[] }
  | { readonly kind: 'array'; readonly items: readonly Value[] }
  | { readonly kind: 'emptyArray' }

/** A naive reader of JSON. */
export function readJson(text: string): Value {
  let at = 0
  const space = () => {
    while (' \n\r\t'.includes(text[at] ?? 'x')) at++
  }
  const string = (): string => {
    const start = at++
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    at++
    const value: unknown = JSON.parse(text.slice(start, at))
    return String(value)
  }
  const value = (): Value => {
    space()
    const first = text[at]
    if (first === '"') return { kind: 'text', value: string() }
    if (first === '{') {
      const members: [string, Value][] = []
      at++
      for (space(); text[at] !== '}'; space()) {
        if (text[at] === ',') at++
        space()
        const key = string()
        space()
        at++
        members.push([key, value()])
      }
      at++
      return { kind: 'object', members }
    }
    if (first === '[') {
      const items: Value[] = []
      at++
      for (space(); text[at] !== ']'; space()) {
        if (text[at] === ',') at++
        items.push(value())
      }
      at++
      return { kind: 'array', items }
    }
    const start = at
    while (!',]} \n'.includes(text[at] ?? ',')) at++
    const source = text.slice(start, at)
    if (source === 'null') return { kind: 'null' }
    if (source === 'true' || source === 'false')
      return { kind: 'boolean', value: source === 'true' }
    return { kind: 'number', source }
  }
  return value()
}

/** A document: the text of 24 hex digits that is its _id is an ObjectId. */
export function readDocument(text: string): Value {
  const document = readJson(text)
  if (document.kind !== 'object') throw new Error('no object')
  const members = document.members.map(([key, value]): readonly [string, Value] => {
    const isObjectId = key === '_id' && value.kind === 'text' && /^[0-9a-f]{24}$/.test(value.value)
    return [key, isObjectId ? { kind: 'objectId', hex: value.value } : value]
  })
  return { kind: 'object', members }
}

// A number as a multiple of 2 ** -1074, of which every double and every integer is one.
function exact(source: string): bigint {
  if (/^-?\d+$/.test(source)) {
    const integer = BigInt(source)
    if (BigInt.asIntN(64, integer) === integer) return integer << 1074n
  }
  let double = Number(source)
  let shift = 1074
  while (!Number.isInteger(double)) {
    double *= 2
    shift--
  }
  return BigInt(double) << BigInt(shift)
}

const sign = (left: bigint | number, right: bigint | number) =>
  left < right ? -1 : left > right ? 1 : 0

const compareTexts = (left: string, right: string) =>
  Buffer.compare(Buffer.from(left), Buffer.from(right))

// biome-ignore format: by kind, some in a line
const order = [
  'emptyArray', 'null', 'number', 'text', 'object', 'array', 'objectId', 'boolean',
] as const

function compareKinds(left: Value, right: Value): number {
  return sign(order.indexOf(left.kind), order.indexOf(right.kind))
}

/** MongoDB's order of values. */
export function compareValues(left: Value, right: Value): number {
  if (left.kind === 'number' && right.kind === 'number') {
    return sign(exact(left.source), exact(right.source))
  }
  if (left.kind === 'text' && right.kind === 'text') return compareTexts(left.value, right.value)
  if (left.kind === 'objectId' && right.kind === 'objectId') {
    return compareTexts(left.hex, right.hex)
  }
  if (left.kind === 'boolean' && right.kind === 'boolean') {
    return sign(Number(left.value), Number(right.value))
  }
  if (left.kind === 'array' && right.kind === 'array') {
    for (const [index, item] of left.items.entries()) {
      const other = right.items[index]
      if (other === undefined) return 1
      const comparison = compareValues(item, other)
      if (comparison !== 0) return comparison
    }
    return left.items.length === right.items.length ? 0 : -1
  }
  if (left.kind === 'object' && right.kind === 'object') {
    for (const [index, [key, value]] of left.members.entries()) {
      const other = right.members[index]
      if (other === undefined) return 1
      const comparison =
        compareKinds(value, other[1]) ||
        compareTexts(key, other[0]) ||
        compareValues(value, other[1])
      if (comparison !== 0) return comparison
    }
    return left.members.length === right.members.length ? 0 : -1
  }
  return compareKinds(left, right)
}

interface Found {
  readonly value: Value
  /** Whether the last step was the index of an array: it is not looked into then. */
  readonly byIndex: boolean
}

function reach(found: readonly Found[], step: string): Found[] {
  return found.flatMap(({ value }): Found[] => {
    if (value.kind === 'object') return memberOf(value, step)
    if (value.kind !== 'array') return []
    const isIndex = /^\d+$/.test(step) && String(Number(step)) === step
    const item = isIndex ? value.items[Number(step)] : undefined
    const here: Found[] = item === undefined ? [] : [{ value: item, byIndex: true }]
    return [...here, ...value.items.flatMap((each) => memberOf(each, step))]
  })
}

const memberOf = (value: Value, key: string): Found[] =>
  value.kind !== 'object'
    ? []
    : value.members
        .filter(([name]) => name === key)
        .map(([, member]) => ({ value: member, byIndex: false }))

const reached = (document: Value, path: readonly string[]): Found[] =>
  path.reduce<Found[]>((found, step) => reach(found, step), [{ value: document, byIndex: false }])

const pathOf = (path: unknown): string[] =>
  typeof path === 'string' ? path.split('.') : Array.isArray(path) ? path.map(String) : []

/** A condition or a combination of them, as QUERY has it, with each number as `{ number: source }`. */
export type Where = readonly [string, ...unknown[]]

const isWhere = (value: unknown): value is Where =>
  Array.isArray(value) && typeof value[0] === 'string'

const part = (value: unknown): Where => {
  if (isWhere(value)) return value
  throw new Error('no condition')
}

/** Whether the document satisfies the condition. */
export function satisfies(document: Value, [operator, ...operands]: Where): boolean {
  switch (operator) {
    case 'and':
      return operands.every((each) => satisfies(document, part(each)))
    case 'or':
      return operands.some((each) => satisfies(document, part(each)))
    case 'not':
      return !satisfies(document, part(operands[0]))
  }
  const [path, operand] = operands
  const found = reached(document, pathOf(path))
  if (operator === 'exists') return found.length > 0 === operand
  if (operator === 'ne') return !satisfies(document, ['eq', path, operand])
  const values = found.flatMap(({ value, byIndex }) =>
    value.kind === 'array' && !byIndex ? value.items : [value],
  )
  return values.some((value) => holds(value, operator, operand))
}

function holds(value: Value, operator: string, operand: unknown): boolean {
  if (operator === 'in')
    return Array.isArray(operand) && operand.some((each) => equals(value, each))
  if (operator === 'eq') return equals(value, operand)
  const text = value.kind === 'text' ? value.value : undefined
  if (operator === 'prefix') return text?.startsWith(String(operand)) === true
  if (operator === 'contains') return text?.includes(String(operand)) === true
  const wanted = scalar(operand)
  const left =
    value.kind === 'objectId' && wanted.kind === 'text' && /^[0-9a-f]{24}$/.test(wanted.value)
      ? scalar(value.hex)
      : value
  if (left.kind !== wanted.kind) return false
  const comparison = compareValues(left, wanted)
  switch (operator) {
    case 'gt':
      return comparison > 0
    case 'gte':
      return comparison >= 0
    case 'lt':
      return comparison < 0
    case 'lte':
      return comparison <= 0
  }
  throw new Error(`no operator ${operator}`)
}

function equals(value: Value, operand: unknown): boolean {
  const wanted = scalar(operand)
  const left: Value = value.kind === 'objectId' ? { kind: 'text', value: value.hex } : value
  return left.kind === wanted.kind && compareValues(left, wanted) === 0
}

function scalar(operand: unknown): Value {
  if (operand === null) return { kind: 'null' }
  if (typeof operand === 'boolean') return { kind: 'boolean', value: operand }
  if (typeof operand === 'string') return { kind: 'text', value: operand }
  if (typeof operand === 'object' && 'number' in operand) {
    return { kind: 'number', source: String(operand.number) }
  }
  throw new Error('no scalar')
}

export interface Step {
  readonly path: string | readonly string[]
  readonly descending: boolean
}

// What an array sorts by is its least element, or its greatest.
function sortValue(document: Value, { path, descending }: Step): Value {
  const values = reached(document, pathOf(path)).flatMap(({ value, byIndex }): readonly Value[] => {
    if (value.kind !== 'array' || byIndex) return [value]
    return value.items.length === 0 ? [{ kind: 'emptyArray' }] : value.items
  })
  const [first = { kind: 'null' }, ...rest] = values
  return rest.reduce<Value>((best, value) => {
    const comparison = compareValues(value, best)
    return (descending ? comparison > 0 : comparison < 0) ? value : best
  }, first)
}

const idOf = (document: Value): Value =>
  document.kind === 'object' ? (document.members[0]?.[1] ?? document) : document

/** The order of two documents; their _ids decide last. */
export function compareDocuments(left: Value, right: Value, sort: readonly Step[]): number {
  for (const step of sort) {
    const comparison = compareValues(sortValue(left, step), sortValue(right, step))
    if (comparison !== 0) return step.descending ? -comparison : comparison
  }
  return compareValues(idOf(left), idOf(right))
}
