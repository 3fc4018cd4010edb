// The way out of a text that is not JSON, by what may come there and what is there.
import type { Expected } from './json-scene.ts'
import { abbreviateSource, firstRemedy, follows, type Rule, type Wrong } from './remedy-rule.ts'
import { fallbackRules, formatRules, strayRules, trailingRules, valueRules } from './text-rules.ts'

/** What to do about it, in words that go on a sentence. */
export function remedyOf(wrong: Wrong): string {
  return firstRemedy(wrong.isInText ? texts : rules[wrong.expected], wrong) ?? 'write a value'
}

const expects =
  (...some: readonly Expected[]) =>
  ({ expected }: Wrong) =>
    some.includes(expected)
const isAfterComma = expects('key', 'item')
const isAfterColon = expects('value')
const isFirstItem = expects('first item')
const isAfterItem = expects('next item')
const isAfterQuote = follows(/"$/)
const isAfterWord = follows(/[\w.]$/)
const isAfterDecimals = follows(/\d,$/)
const isInArray = ({ open }: Wrong) => open.includes('[')

const closing: readonly Rule[] = [
  [/^$/, 'remove the comma, and write $c at the end', isAfterComma],
  [/^$/, 'write $c at the end'],
]
const quoteWithin = String.raw`write a quote within a text as \"`
const asList = 'a list in square brackets, [ ]'
const asObject = 'write { } instead of [ ] for an object'

const name = String.raw`[\p{L}\p{M}_$][\p{L}\p{M}\p{N}_$.@-]*`
const quotedText = String.raw`"(?:[^"\\\n]|\\.)*"?`
const look = (source: string) => new RegExp(`^${source}`, 'u')

const texts: readonly Rule[] = [
  [/^"[^"]*[\r\n]/, String.raw`close the text with ", or write its line break as \n`],
  [/^"/, 'close the text with "'],
  [/^\t/, String.raw`write a tab within a text as \t`],
  [/^[^\\]/, 'remove $u or write its escape'],
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
  ...closing,
  [/^[}\]]/, 'remove the comma before $0', isAfterComma],
  [/^[}\]]/, 'write } instead of $0'],
  [/^,/, 'remove one of the two commas', isAfterComma],
  [/^,/, 'remove the comma'],
  [/^:/, 'write a key in double quotes before the colon'],
  [/^[{[]/, 'write a key and a colon before $0', isAfterComma],
  [/^[{[]/, 'write a key and a colon before $0, or only one of the two brackets'],
  [/^\d+(?=\s*[,}\]])/, asOneNumber, isAfterDecimals],
  [/^\d+(?=\s*[,}\]])/, `write ${asList}`],
  [
    look(`(${name})\\s*:\\s*(?!(?:true|false|null)\\b)\\p{L}`),
    'write double quotes around keys and texts: $q. Windows PowerShell and cmd.exe take them out, but for \\"',
  ],
  [look(`(${name}|[\\d.-]+)\\s*:`), 'write double quotes around the key: $q'],
  [look(`(${name})\\s*(?:=>?|->)`), 'write double quotes and a colon: $q:'],
  [look(`(${name})\\s*[,}]`), 'write double quotes around the key, a colon and a value: $q: null'],
  [/^[^\s:,{}[\]"]+/, 'write double quotes around the key: $q'],
]

function asOneNumber(decimals: string, { preceding }: Wrong): string {
  const whole = /\d+(?=,$)/.exec(preceding)?.[0] ?? ''
  return `write ${abbreviateSource(whole)}.${abbreviateSource(decimals)} or ${abbreviateSource(whole + decimals)} if it is one number`
}

const colons: readonly Rule[] = [
  ...strayRules,
  [/^$/, 'write a colon, a value and $c at the end'],
  [/^(?:=>?|->|;)/, 'write a colon instead of $0'],
  [/^[,}\]]/, `write a colon and a value after the key, or ${asList}`],
  [look(name), quoteWithin, isAfterQuote],
  [look(name), 'write a colon before $0'],
  [look(`(?:${quotedText}|\\S[^\\s,}\\]]*)`), 'write a colon before $0'],
]

const values: readonly Rule[] = [
  ...strayRules,
  [/^$/, 'write a value and $c at the end', isAfterColon],
  ...closing,
  [/^[,}\]]/, 'write a value after the colon, such as null', isAfterColon],
  [/^,/, 'remove the comma', isFirstItem],
  [/^[}\]]/, 'write ] instead of }', isFirstItem],
  [/^,/, 'remove one of the two commas'],
  [/^[}\]]/, 'remove the comma before $0'],
  [/^:/, 'remove one of the two colons', isAfterColon],
  [/^:/, asObject],
  ...valueRules,
]

const nexts: readonly Rule[] = [
  ...strayRules,
  ...closing,
  [/^;/, 'write a comma instead of ;'],
  [/^}/, 'write ] before }'],
  [/^]/, 'write } before ]', isInArray],
  [/^]/, 'write } instead of ]'],
  [/^:(?=\d)/, 'write double quotes around a time'],
  [/^:/, asObject, isAfterItem],
  [/^:/, 'write a comma instead of the colon, or { } around what belongs together'],
  [/^"(?=.)/, String.raw`write one quote at each end of a text, and \" within`, isAfterQuote],
  [/^"(?=.)/, 'write a quote at both ends of a text, or at none of a number', isAfterWord],
  [look(`(?=".)${quotedText}`), 'write a comma before $0'],
  [look(`(?:${name}|\\\\)`), quoteWithin, isAfterQuote],
  [look(`(?:${name}|\\\\)`), 'write a comma before $0'],
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
