// The _ids that only other programs give: which texts are their canonical Extended JSON, in which order.

/**
 * The kinds of _id in MongoDB's order of values: it compares numbers of all types by value, and texts
 * with symbols. An _id cannot be an array or a regular expression.
 */
// biome-ignore format: by kind, some in a line
export const idKinds = [
  'minKey', 'null', 'number', 'text', 'object', 'binary', 'objectId',
  'boolean', 'date', 'timestamp', 'code', 'codeWithScope', 'maxKey',
] as const
export type IdKind = (typeof idKinds)[number]

// Each without the braces around it, as JSON.stringify writes it.
const forms: readonly (readonly [IdKind, RegExp])[] = [
  ['minKey', /^"\$minKey":1$/],
  ['number', /^"\$number(?:Int":"-?\d{1,10}|Long":"-?\d{1,19})"$/],
  ['number', /^"\$number(?:Double|Decimal)":"(?:-?\d[\d.]*(?:[eE][+-]?\d+)?|-?Infinity|NaN)"$/],
  ['text', /^"\$symbol":"(?:[^"\\]|\\.)*"$/],
  ['binary', /^"\$binary":\{"base64":"[\w+/]*={0,2}","subType":"[\da-f]{1,2}"\}$/],
  ['objectId', /^"\$oid":"[\da-f]{24}"$/],
  ['date', /^"\$date":\{"\$numberLong":"-?\d{1,19}"\}$/],
  ['date', /^"\$date":"\d{4}-[01]\d-[0-3]\dT[012]\d:[0-5]\d:[0-5]\d(?:\.\d{3})?Z"$/],
  ['timestamp', /^"\$timestamp":\{"t":\d{1,10},"i":\d{1,10}\}$/],
  ['code', /^"\$code":"(?:[^"\\]|\\.)*"$/],
  ['codeWithScope', /^"\$code":"(?:[^"\\]|\\.)*","\$scope":\{.*\}$/],
  ['maxKey', /^"\$maxKey":1$/],
]

/**
 * The kind of value whose canonical Extended JSON the text is. Undefined if it is not: `{"$ne":null}` and a number
 * without its type are texts like any other.
 */
export function kindOfExtended(text: string): IdKind | undefined {
  if (text === 'null') return 'null'
  if (text === 'true' || text === 'false') return 'boolean'
  return text.startsWith('{') ? kindOf(parseJson(text)) : undefined
}

/** JSON without its white space and needless escapes. Keys and numbers stay as they are. */
export const compactJson = (json: string): string =>
  json.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  )

function kindOf(value: unknown): IdKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const json = JSON.stringify(value).slice(1, -1)
  const form = forms.find(([, pattern]) => pattern.test(json))
  if (form) return form[0]
  return Object.entries(value).every(isMember) ? 'object' : undefined
}

// A reference (DBRef) is an object with these three.
const referenceKeys = new Set(['$ref', '$id', '$db'])

const isMember = ([key, value]: [string, unknown]): boolean =>
  (!key.startsWith('$') || referenceKeys.has(key)) && isCanonical(value)

function isCanonical(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isCanonical)
  if (typeof value === 'object' && value !== null) return kindOf(value) !== undefined
  return typeof value !== 'number'
}

/** The value of a JSON text, undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
