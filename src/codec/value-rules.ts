// Values that JSON does not know: numbers and words of other languages.
import { abbreviateSource, quoteSource, type Rule } from './remedy-rule.ts'

/** Of a value, or of a text without its quotes. */
export const valueRules: readonly Rule[] = [
  [/^[+-]?(?:NaN|Infinity|inf)(?![\w(])/i, 'write null, or $q; JSON has no such number'],
  [/^(?:None|nil|undefined|null|void|nu|nul)(?![\w(.])/i, 'write null instead of $0'],
  [/^(?:true|tr|tru|ture)(?![\w(.])/i, 'write true instead of $0'],
  [/^(?:false|fa|fal|fals|flase)(?![\w(.])/i, 'write false instead of $0'],
  [/^(?:yes|on)(?=\s*(?:[,}\]\n]|$))/i, 'write true, or $q'],
  [/^(?:no|off)(?=\s*(?:[,}\]\n]|$))/i, 'write false, or $q'],
  // The shell of MongoDB, and JavaScript.
  [
    /^(?:new )?(?:ObjectId|ISODate|Date|UUID|Decimal128|NumberDecimal)\(\s*["']?([^"')]+)["']?\s*\)?/,
    'write $q instead of $0',
  ],
  [
    /^(?:new )?(?:NumberLong|NumberInt|Long|Int32|Double|Number)\(\s*["']?([\d.+-]+)["']?\s*\)?/,
    'write $1 instead of $0',
  ],
  [
    /^(?:object \w+|Object|Array|Circular[ *\d]*|Function\b[^\]]*)\]/,
    'let JSON.stringify make the text; this is how JavaScript prints an object',
  ],
  [/^(?:new )?([\p{L}_$][\p{L}\p{N}_$.]*)\(/u, 'write the value that $1( ) stands for'],
  [/^(?:[a-z]{1,2}|[@$]+)(?=["'])/i, 'remove $0 before the quotes'],
  [/^[+-](?=\s*(?:[,}\]\n]|$))/, 'write a number after $0'],
  [/^[+-]\s+(?=[\d.])/, 'write the sign next to its number'],
  [/^[+-]{2,}(?=\d)/, 'write one sign instead of $0'],
  [/^[+-]?0(?:x[\da-f]+|o[0-7]+|b[01]+)(?![\w.])/i, byValue],
  [/^[+-]?\d[\d_']*\.?\d*(?:e[+-]?\d+)?[nfdlm]?(?![\w.:%°'\p{Sc}-])/iu, bySpelling],
  [/^[+-]?\.\d+(?:e[+-]?\d+)?[fdlm]?(?![\w.:%°'\p{Sc}-])/iu, bySpelling],
  [/^[+-]?[\d.]+e[+-]?(?!\w)/i, 'write digits after the e of $0'],
  [/^\(/, 'write a list in square brackets, [ ]'],
  [/^\/.*\/[gimsuy]*/, 'write $q; JSON has no regular expressions'],
  [/^([^,}\]\n"]+)/, 'write double quotes around a text: $q'],
  [/^/, 'write a value'],
]

function byValue(number: string): string {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(number) ?? []
  const value = digits.length > 18 ? digits : `${sign.replace('+', '')}${BigInt(digits)}`
  return `write ${abbreviateSource(value)}, or ${quoteSource(number)}`
}

function bySpelling(number: string): string {
  const value = number
    .replace(/[_'+nfdlm]/gi, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?!\d)/, '.0')
  const isCode = /^0\d/.test(number)
  return `write ${abbreviateSource(value)}${isCode ? `, or ${quoteSource(number)} if it is not a number` : ''}`
}
