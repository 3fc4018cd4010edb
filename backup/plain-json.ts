// MongoDB's Extended JSON as plain JSON: ids become the service's ids, numbers numbers, dates texts.

/** A document without the types that JSON lacks. */
interface Plain {
  readonly json: string
  /** How many values were changed, by their kind. */
  readonly changed: ReadonlyMap<string, number>
}

/** A value that plain JSON cannot keep. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
}

/**
 * Rewrites canonical or relaxed Extended JSON (mongoexport, bsondump). The order of members and the digits of
 * numbers stay: the text is rewritten, without making JavaScript objects of it.
 * @throws NotKept for a value that JSON cannot keep; SyntaxError for what is not JSON
 */
export function plainJson(text: string): Plain {
  const changed = new Map<string, number>()
  let at = 0
  const fail = () => new SyntaxError('it is not JSON')
  const space = () => {
    while (' \n\r\t'.includes(text[at] ?? 'x')) at++
  }
  const string = (): string => {
    const start = at
    at = endOfString(text, at)
    if (text[start] !== '"' || text[at - 1] !== '"') throw fail()
    return text.slice(start, at)
  }
  const list = (end: string, item: () => string): string[] => {
    const items: string[] = []
    at++
    space()
    for (; text[at] !== end; space()) {
      if (items.length > 0) {
        if (text[at] !== ',') throw fail()
        at++
        space()
      }
      items.push(item())
      space()
      if (at >= text.length) throw fail()
    }
    at++
    return items
  }
  const value = (): string => {
    space()
    const first = text[at]
    if (first === '"') return string()
    if (first === '[') return `[${list(']', value)}]`
    if (first !== '{') {
      const [token] = /^[-+.\w]+/.exec(text.slice(at, at + 1000)) ?? []
      if (token === undefined) throw fail()
      at += token.length
      return token
    }
    const start = at
    const members = list('}', () => {
      const key = string()
      space()
      if (text[at] !== ':') throw fail()
      at++
      return `${key}:${value()}`
    })
    const replaced = members.some((member) => member.startsWith('"$'))
      ? replacement(text.slice(start, at))
      : undefined
    if (replaced === undefined) return `{${members}}`
    changed.set(replaced.kind, (changed.get(replaced.kind) ?? 0) + 1)
    return replaced.json
  }
  const json = value()
  space()
  if (at < text.length) throw fail()
  return { json, changed }
}

// After the first quote without a backslash before it.
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === '"') return end + 1
  }
  return text.length
}

// The JSON that replaces the value, undefined if it is an ordinary object.
function replacement(source: string): { kind: string; json: string } | undefined {
  const parsed: unknown = JSON.parse(source)
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const members = new Map<string, unknown>(Object.entries(parsed))
  const [key, ...others] = members.keys()
  const value = members.get(key ?? '')
  if (key === undefined || (others.length > 0 && key !== '$code')) return undefined
  switch (key) {
    case '$oid':
      return { kind: 'ObjectIds to texts', json: JSON.stringify(hexOf(value)) }
    case '$date':
      return { kind: 'dates to texts', json: JSON.stringify(isoOf(value)) }
    case '$numberInt':
    case '$numberLong':
      return { kind: 'numbers to numbers', json: digitsOf(value) }
    case '$numberDouble':
      return { kind: 'numbers to numbers', json: digitsOf(value) }
    case '$numberDecimal':
      return { kind: 'decimals to texts', json: JSON.stringify(String(value)) }
    case '$symbol':
      return { kind: 'symbols to texts', json: JSON.stringify(String(value)) }
    case '$uuid':
      return { kind: 'UUIDs to texts', json: JSON.stringify(String(value)) }
    case '$undefined':
      return { kind: 'undefined values to null', json: 'null' }
    case '$binary':
      return { kind: 'binary values to base64', json: JSON.stringify(base64Of(value)) }
    case '$timestamp':
    case '$regularExpression':
    case '$code':
    case '$minKey':
    case '$maxKey':
    case '$dbPointer':
      throw new NotKept(`JSON has nothing for ${source.slice(0, 100)}`)
  }
  return undefined
}

function hexOf(value: unknown): string {
  const text = String(value)
  if (/^[\da-f]{24}$/i.test(text)) return text.toLowerCase()
  throw new NotKept(`not an ObjectId: ${text.slice(0, 100)}`)
}

function isoOf(value: unknown): string {
  const long =
    typeof value === 'object' && value !== null ? Reflect.get(value, '$numberLong') : value
  // As a number it is that of earlier versions.
  const date = new Date(typeof value === 'string' ? value : Number(long))
  if (Number.isNaN(date.getTime())) throw new NotKept(`not a date: ${JSON.stringify(value)}`)
  return date.toISOString()
}

function digitsOf(value: unknown): string {
  const text = String(value)
  if (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return text
  throw new NotKept(`JSON has no number ${text.slice(0, 100)}`)
}

function base64Of(value: unknown): string {
  const base64 = typeof value === 'object' && value !== null ? Reflect.get(value, 'base64') : value
  return String(base64)
}
