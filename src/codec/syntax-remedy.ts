// The way out of a text that is not JSON, by what may come there and what is there.
import type { Expected } from './json-scene.ts'
import {
  abbreviateSource,
  codePointName,
  firstRemedy,
  type Rule,
  type Wrong,
} from './remedy-rule.ts'
import { fallbackRules, formatRules, strayRules, trailingRules } from './text-rules.ts'
import { valueRules } from './value-rules.ts'

/** What to do about it, in words that go on a sentence. */
export function remedyOf(wrong: Wrong): string {
  return firstRemedy(wrong.isInText ? texts : rules[wrong.expected], wrong) ?? 'write a value'
}

// Of more brackets only the number is given.
const shownBrackets = 20

/** What closes all that is open. */
function closers({ open, depth }: Wrong): string {
  if (depth > shownBrackets) return `${depth} closing brackets`
  return Array.from(open, (bracket) => (bracket === '{' ? '}' : ']'))
    .reverse()
    .join('')
}

const isAfterComma = ({ expected }: Wrong) => expected === 'key' || expected === 'item'

const close = (_: string, wrong: Wrong) => {
  const what = isAfterComma(wrong) ? 'remove the comma, and write' : 'write'
  return `${what} ${closers(wrong)} at the end`
}

const name = String.raw`[\p{L}\p{M}_$][\p{L}\p{M}\p{N}_$.@-]*`
const quotedText = String.raw`"(?:[^"\\\n]|\\.)*"?`
const look = (source: string) => new RegExp(`^${source}`, 'u')

const texts: readonly Rule[] = [
  [/^"[^"]*[\r\n]/, String.raw`close the text with ", or write its line break as \n`],
  [/^"/, 'close the text with "'],
  [/^\t/, String.raw`write a tab within a text as \t`],
  [/^[^\\]/, (character) => `remove ${codePointName(character)} or write its escape`],
  [/^\\u/, String.raw`write four hex digits after \u, or a backslash as \\`],
  [/^\\x([\da-f]{2})/i, String.raw`write \u00$1 instead of $0`],
  [/^\\'/, "write ' without a backslash"],
  [/^\\(?:[\r\n]|$)/, String.raw`write a line break as \n, and a backslash as \\`],
  [/^\\/, (_, wrong) => String.raw`write a backslash as \\: ${doubled(wrong)}`],
]

// The text with its backslashes as they should be.
function doubled({ preceding, ahead }: Wrong): string {
  const before = /"((?:[^"\\]|\\.)*)$/.exec(preceding)?.[1] ?? ''
  const after = /^[^"\n]*/.exec(ahead)?.[0] ?? ''
  const text = `${before}${after}`.replace(/\\+/g, '\\\\')
  const start = abbreviateSource(text)
  return start === text.trim() ? `"${text}"` : `"${start}`
}

const keys: readonly Rule[] = [
  ...strayRules,
  [/^$/, close],
  [
    /^[}\]]/,
    (bracket, wrong) =>
      isAfterComma(wrong) ? `remove the comma before ${bracket}` : `write } instead of ${bracket}`,
  ],
  [/^,/, (_, wrong) => (isAfterComma(wrong) ? 'remove one of the two commas' : 'remove the comma')],
  [/^:/, 'write a key in double quotes before the colon'],
  [
    /^[{[]/,
    (bracket, wrong) =>
      isAfterComma(wrong)
        ? `write a key and a colon before ${bracket}`
        : `write a key and a colon before ${bracket}, or only one of the two brackets`,
  ],
  [
    /^\d+(?=\s*[,}\]])/,
    (digits, { preceding }) => {
      const [, whole] = /(\d+),$/.exec(preceding) ?? []
      return whole === undefined
        ? 'write a list in square brackets, [ ]'
        : `write ${abbreviateSource(whole)}.${abbreviateSource(digits)} or ${abbreviateSource(whole + digits)} if it is one number`
    },
  ],
  [
    look(`(${name})\\s*:\\s*(?!(?:true|false|null)\\b)\\p{L}`),
    'write double quotes around keys and texts: $q. Windows PowerShell and cmd.exe take them out, but for \\"',
  ],
  [look(`(${name}|[\\d.-]+)\\s*:`), 'write double quotes around the key: $q'],
  [look(`(${name})\\s*(?:=>?|->)`), 'write double quotes and a colon: $q:'],
  [look(`(${name})\\s*[,}]`), 'write double quotes around the key, a colon and a value: $q: null'],
  [/^[^\s:,{}[\]"]+/, 'write double quotes around the key: $q'],
]

const colons: readonly Rule[] = [
  ...strayRules,
  [/^$/, (_, wrong) => `write a colon, a value and ${closers(wrong)} at the end`],
  [/^(?:=>?|->|;)/, 'write a colon instead of $0'],
  [/^[,}\]]/, 'write a colon and a value after the key, or a list in square brackets, [ ]'],
  [
    look(name),
    (found, { preceding }) =>
      preceding.endsWith('"')
        ? String.raw`write a quote within a text as \"`
        : `write a colon before ${abbreviateSource(found)}`,
  ],
  [look(`(?:${quotedText}|\\S[^\\s,}\\]]*)`), 'write a colon before $0'],
]

const values: readonly Rule[] = [
  ...strayRules,
  [
    /^$/,
    (_, wrong) =>
      wrong.expected === 'value'
        ? `write a value and ${closers(wrong)} at the end`
        : close('', wrong),
  ],
  [
    /^[,}\]]/,
    (found, { expected }) => {
      if (expected === 'value') return 'write a value after the colon, such as null'
      if (expected === 'first item')
        return found === ',' ? 'remove the comma' : 'write ] instead of }'
      return found === ',' ? 'remove one of the two commas' : `remove the comma before ${found}`
    },
  ],
  [
    /^:/,
    (_, { expected }) =>
      expected === 'value'
        ? 'remove one of the two colons'
        : 'write { } instead of [ ] for an object',
  ],
  ...valueRules,
]

const nexts: readonly Rule[] = [
  ...strayRules,
  [/^$/, close],
  [/^;/, 'write a comma instead of ;'],
  [/^}/, 'write ] before }'],
  [/^]/, (_, { open }) => (open.includes('[') ? 'write } before ]' : 'write } instead of ]')],
  [/^:(?=\d)/, 'write double quotes around a time'],
  [
    /^:/,
    (_, { expected }) =>
      expected === 'next item'
        ? 'write { } instead of [ ] for an object'
        : 'write a comma instead of the colon, or { } around what belongs together',
  ],
  [
    /^"(?=.)/,
    (_, { preceding, ahead }) => {
      if (preceding.endsWith('"'))
        return String.raw`write one quote at each end of a text, and \" within`
      if (/[\w.]$/.test(preceding))
        return 'write a quote at both ends of a text, or at none of a number'
      return `write a comma before ${abbreviateSource(look(quotedText).exec(ahead)?.[0] ?? '')}`
    },
  ],
  [
    look(`(?:${name}|\\\\)`),
    (found, { preceding }) =>
      preceding.endsWith('"')
        ? String.raw`write a quote within a text as \"`
        : `write a comma before ${abbreviateSource(found)}`,
  ],
  [/^[+*/%|&^<>=-]/, 'write the result; JSON does not calculate'],
  [/^[{[]|^[^\s,}\]]+/, 'write a comma before $0'],
]

const rules: Readonly<Record<Expected, readonly Rule[]>> = {
  document: [...formatRules, ...strayRules, ...fallbackRules],
  'first key': keys,
  key: keys,
  colon: colons,
  value: values,
  'first item': values,
  item: values,
  'next member': nexts,
  'next item': nexts,
  next: nexts,
  end: [...strayRules, ...trailingRules],
}
