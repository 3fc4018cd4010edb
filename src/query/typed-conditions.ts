// Conditions as people type them: region:eq=Europe&population:gte=1e6, without the codes of an address.
import { Refusal } from '../codec/refusal.ts'
import { quoted } from '../shown-text.ts'
import { type Filter, invalidQuery, maxConditions } from './filter.ts'
import { parseCondition, tooMany } from './query-string.ts'

/** One condition, and where it stands in the text. */
interface TypedCondition {
  readonly name: string
  readonly value: string
  readonly filter: Filter
}

// Characters. A quote that nothing closes is looked for to the end: 2,000 of them take 5 ms.
const longest = 2000

// A text in quotes may have a & in it.
const part = /(?:"(?:[^"\\]|\\.)*"|[^&])+/gs

/**
 * Reads the conditions; an & stands between two of them.
 * @throws Refusal `invalid_query`, whose details say from where (`start`) to where (`end`) the wrong one stands
 */
export function parseTyped(text: string): TypedCondition[] {
  if (text.length > longest) {
    throw refusal(`Conditions have at most ${longest} characters.`, 0, text.length)
  }
  const conditions: TypedCondition[] = []
  for (const { 0: found, index } of text.matchAll(part)) {
    const condition = found.trim()
    if (condition === '') continue
    const start = index + found.indexOf(condition)
    const end = start + condition.length
    if (conditions.length === maxConditions) throw refusal(tooMany().message, start, end)
    conditions.push(parseOne(condition, start, end))
  }
  return conditions
}

function parseOne(text: string, start: number, end: number): TypedCondition {
  const equals = text.indexOf('=')
  const name = text.slice(0, Math.max(equals, 0))
  const value = text.slice(equals + 1)
  if (!name.includes(':')) {
    const example = equals > 0 ? quoted(`${name}:eq=${value}`) : 'region:eq=Europe'
    throw refusal(`A condition is path:operator=value, such as ${example}.`, start, end)
  }
  try {
    return { name, value, filter: parseCondition(name, value) }
  } catch (error) {
    if (error instanceof Refusal) throw refusal(error.message, start, end)
    throw error
  }
}

const refusal = (message: string, start: number, end: number) =>
  invalidQuery(message, { start, end })
