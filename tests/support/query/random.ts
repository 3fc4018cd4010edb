// Documents and queries by chance, the same again for the same seed.
import type { Step, Where } from './oracle.ts'

/** A number from 0 to 1, the next of a sequence that the seed begins (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const keys = ['a', 'b', 'c', '0', '1', '2', 'or', 'limit', '__proto__', 'ü', '10', 'a.b', '"', '']
// biome-ignore format: by kind, some in a line
const numbers = [
  '0', '-0', '1', '-1', '2', '3', '5', '6', '20', '0.1', '0.5', '-2.5', '1e6', '1000000',
  '2147483647', '2147483648', '-2147483649', '9007199254740991', '9007199254740992',
  '9007199254740993', '9007199254740994', '-9007199254740993', '9223372036854775806',
  '9223372036854775807', '-9223372036854775808', '9223372036854775808', '1e19', '1e21', '1e22',
  '1.7976931348623157e308', '5e-324', '-5e-324', '201207', '1234', '4503599627370496.5',
  '9223372036854774784', '9223372036854774783', '9223372036854775295', '-9007199254740992',
]
// Integers that are the same as doubles.
const neighbours = [
  ['9007199254740992', '9007199254740993', '9007199254740994', '9007199254740992.0'],
  ['-9007199254740992', '-9007199254740993', '-9007199254740994', '-9007199254740995'],
  ['9223372036854775807', '9223372036854775806', '9223372036854775808', '9223372036854774784'],
  ['-9223372036854775808', '-9223372036854775807', '-9223372036854777856', '-9223372036854774784'],
]
// biome-ignore format: by kind, some in a line
const texts = [
  '', 'a', 'ab', 'abc', 'b', 'A', 'Sw', 'Switzerland', 'é', 'e\u0301', '\uff5e', '\u{1f600}',
  '\u{10ffff}',
  '\ud7ff',
  '\ue000',
  '\u0000',
  'a\u0000',
  'a\u0000b',
  'a\u0001',
  '"',
  '\\',
  '\n',
  '\\n', 'n', '\u001f', 'u001f', '0', '1', '5', '01234', '201207', '1e6', '9007199254740993',
  'true', 'null', '$a', '$ne', '.*', '^a', 'a.b', '[a]', '0123456789abcdef01234567',
  'x'.repeat(70), `${'x'.repeat(69)}y`, `\\${'"'.repeat(40)}`, ',',
]

/** Makes documents and queries from one sequence of chance. */
export function createGenerator(seed: number) {
  const random = createRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const chance = (share: number) => random() < share
  const one = <T>(list: readonly T[]): T => {
    const item = list[below(list.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
  const some = <T>(most: number, make: (index: number) => T): T[] =>
    Array.from({ length: below(most + 1) }, (_, index) => make(index))

  // Few values for half of what a seed makes, so that they meet.
  const start = below(numbers.length - 4)
  const near = chance(0.5) ? numbers.slice(start, start + 4) : one(neighbours)
  const nearTexts = [one(texts), one(texts), one(texts)]
  const number = (): string => {
    if (chance(0.5)) return one(near)
    if (chance(0.6)) return one(numbers)
    if (chance(0.5)) return String(below(7) - 3)
    return chance(0.5) ? String(random() * 10 - 5) : String(2n ** 53n + BigInt(below(9) - 4))
  }
  const text = (): string => {
    if (chance(0.4)) return one(nearTexts)
    return chance(0.9) ? one(texts) : one(texts) + one(texts)
  }
  const scalarText = (): string => {
    const kind = random()
    if (kind < 0.4) return number()
    if (kind < 0.75) return JSON.stringify(text())
    return kind < 0.87 ? 'null' : String(chance(0.5))
  }
  const value = (depth: number): string => {
    const kind = random()
    if (kind < 0.04) return `{${JSON.stringify(one(['a', 'b']))}:${one(['1', '2', '"x"', 'true'])}}`
    if (depth === 0 || kind < 0.55) return scalarText()
    if (kind < 0.8) return `[${some(4, () => value(depth - 1))}]`
    return object(
      depth - 1,
      some(3, () => one(keys)),
    )
  }
  const object = (depth: number, names: readonly string[]): string =>
    `{${[...new Set(names)].map((name) => `${JSON.stringify(name)}:${value(depth)}`)}}`

  let ids = 0
  const id = () => {
    ids++
    if (chance(0.4))
      return (0x650000000000 + below(2 ** 40)).toString(16) + ids.toString(16).padStart(12, '0')
    return chance(0.2) ? `${one(['\uff5e', '\u{1f600}', 'a', 'B', '"\\'])}${ids}` : `id${ids}`
  }
  const document = (): string => {
    const members = object(
      4,
      some(7, () => one(keys)),
    ).slice(1)
    return `{"_id":${JSON.stringify(id())}${members === '}' ? '' : ','}${members}`
  }

  const step = (): string => (chance(0.6) ? one(['a', 'b', 'c', '0', '1']) : one(keys))
  const path = (): string | string[] => {
    if (chance(0.04)) return '_id'
    const steps = [one(['a', 'b', 'c', 'a', 'b', 'c', ...keys]), ...some(2, step)]
    return steps.some((each) => each === '' || each.includes('.')) || chance(0.2)
      ? steps
      : steps.join('.')
  }
  const scalar = (): unknown => {
    const kind = random()
    if (kind < 0.45) return { number: number() }
    if (kind < 0.8) return text()
    return kind < 0.9 ? null : chance(0.5)
  }
  const ordered = (): unknown => (chance(0.55) ? { number: number() } : text())
  const short = (): string =>
    chance(0.8) ? one(['', 'a', 'ab', 'x', '\\', '"', 'n', '\u{1f600}', '0']) : text()
  const condition = (): Where => {
    const name = one(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'exists', 'prefix', 'contains'])
    switch (name) {
      case 'in':
        return [name, path(), some(5, scalar)]
      case 'exists':
        return [name, path(), chance(0.5)]
      case 'prefix':
      case 'contains':
        return [name, path(), short()]
      case 'eq':
      case 'ne':
        return [name, path(), scalar()]
      default:
        return [name, path(), ordered()]
    }
  }
  const where = (level: number): Where => {
    const kind = random()
    if (level === 0 || kind < 0.6) return condition()
    if (kind < 0.7) return ['not', where(level - 1)]
    return [kind < 0.85 ? 'and' : 'or', ...some(2, () => where(level - 1))]
  }
  const sort = (): Step[] => {
    const steps = some(3, () => ({ path: path(), descending: chance(0.5) }))
    const seen = new Set<string>()
    return steps.filter((each) => {
      const name = JSON.stringify(typeof each.path === 'string' ? each.path.split('.') : each.path)
      return seen.size < seen.add(name).size
    })
  }
  return { document, where: () => where(3), condition, sort, below, chance }
}

/** A part of a query as the JSON that QUERY takes. */
export function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson)}]`
  if (typeof value === 'object' && value !== null && 'number' in value) return String(value.number)
  return JSON.stringify(value)
}

/** A sort as the JSON that QUERY takes. */
export const sortJson = (sort: readonly Step[]): string => JSON.stringify(sort)
