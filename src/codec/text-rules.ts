// What people take for JSON: texts, values and signs of other formats and languages.
import {
  abbreviateSource,
  exampleDocument,
  follows,
  quoteSource,
  type Rule,
} from './remedy-rule.ts'

const asCsv = 'send JSON; this looks like CSV. A row would be {"column": "value"}'
const anyObject: Rule = [/^/, `send an object, such as ${exampleDocument}`]

/** Of the whole text. */
export const formatRules: readonly Rule[] = [
  [/^$/, `send a document, such as ${exampleDocument}`],
  [
    /^['‘]\s*[{[]/,
    String.raw`put double quotes around the document, and \" within; cmd.exe takes ' for a part of the text`,
  ],
  [/^<\?xml|^<(?!!doctype|html)[\w:]+[\s>/]/i, 'send JSON; this looks like XML'],
  [/^</, 'send JSON; this looks like HTML, perhaps the error page of another server'],
  [/^```/, 'remove the lines with ```'],
  [/^(?:%7B|%5B|%22)/i, 'send the text as it is, without percent-encoding'],
  [/^--[\w-]+\r?\ncontent-/i, 'send the document alone and not as a form: curl -d, and not -F'],
  [/^(?:System\.[\w.]+|@\{)/, 'let PowerShell make JSON of it: -Body (ConvertTo-Json $object)'],
  [/^https?:\/\//i, 'send what is at the address, and not the address'],
  [
    /^@?[\w./\\:-]+\.(?:json|ndjson|jsonl|txt|csv)\s*$/i,
    'send what is in the file: curl --data-binary @FILE, in PowerShell -InFile FILE',
  ],
  [/^(?:HTTP\/|POST |PUT |GET )/, 'send the body alone, without the lines before it'],
  [/^[\w%.[\]-]+=[^=\s]/, `send JSON; this looks like a form. It would be ${exampleDocument}`],
  [/^([\w-]+:\s*)[{[]/, 'remove $1 before the document'],
  [
    /^(?:---|- |[\w"' -]+:(?=\s|$))/,
    'send JSON; this looks like YAML. It would be {"name": "value"}',
  ],
  [/^([\w$.]+)\s*\((?=\s*[{[])/, 'remove $1( and what closes it'],
]

/** Of the whole text, if its first character says no more. */
export const fallbackRules: readonly Rule[] = [
  [/^([^{[\n]{1,100}?)\s*[{[]/, 'remove $1 before the document'],
  [/^[^\n,;\t]+[,;\t]\S/, asCsv],
  anyObject,
]

const isAfterDocument = follows(/[}\]]\s*$/)

/** Of what comes after the document. */
export const trailingRules: readonly Rule[] = [
  [/^,\s*[{[]/, 'write [ before the first document and ] after the last'],
  [/^,/, 'remove the comma after the document', isAfterDocument],
  [/^,/, asCsv],
  [/^[}\]]/, 'remove $0; no bracket is open that it could close'],
  [/^:/, 'write { before the key and } at the end'],
  [/^[{[]/, 'send one document, or several as an array'],
  [/^;/, 'remove the ; after the document'],
  [/^/, 'remove what comes after the document', isAfterDocument],
  anyObject,
]

/** Characters and signs that have no place but in a text. */
export const strayRules: readonly Rule[] = [
  [
    /^[“”„‟«»＂″]/,
    'write straight quotes (") instead of $0; word processors and chats change them',
  ],
  [/^[，：｛｝［］]/, (wide) => `write ${wide.normalize('NFKC')} instead of ${wide}`],
  [/^、/, 'write , instead of $0'],
  [/^︰/, 'write : instead of $0'],
  [/^[−–—](?=[\d.])/, 'write - instead of $0'],
  [/^\ufeff/, 'remove $u, a byte order mark; files that were put together have one in the middle'],
  [/^[^\S \t\r\n\v\f\u2028\u2029]/, 'write an ordinary space instead of $u'],
  [
    /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
    'remove $u, which cannot be seen',
  ],
  [/^(?:\/[/*]|#(?=[ !#]|$)|-- |<!--)/, 'remove the comment; JSON has none'],
  [/^&(?:quot|amp|lt|gt|apos|#\d+);/, 'write the character itself; $0 is of HTML'],
  [/^\\+"/, 'remove the backslash before each quote; a shell or a program has added them'],
  [/^(?:\.\.\.|…)/, 'write what $0 stands for'],
  [/^['‘’‚‛′＇`]((?:[^'‘’‚‛′＇`\\\n]|\\.)*)['‘’‚‛′＇`]?/, 'write double quotes: $q'],
]

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
