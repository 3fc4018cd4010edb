// Arbitrary request bodies that a service must refuse or keep: bombs, broken text, operators as keys.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { anyDocument, withFault } from '../../support/any-json.ts'
import { stringifyExact } from '../../support/exact-json.ts'

/** In every payload, so that a log line that shows one is found. */
export const marker = 'Payload7f3a9c'

/** Text as the bytes of its UTF-8, a character a byte: how these files hold bytes. */
export const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

const size = fc.constantFrom(1, 99, 100, 101, 5_000, 200_000)

const bomb = fc.oneof(
  size.map((n) => '['.repeat(n)),
  size.map((n) => `{"a":${'['.repeat(n)}${']'.repeat(n)}}`),
  size.map((n) => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`),
  size.map((n) => `{"_id":"wide",${Array.from({ length: n }, (_, k) => `"k${k}":1`).join()}}`),
  size.map((n) => `{"_id":"array","a":[${'0,'.repeat(n)}0]}`),
  size.map((n) => `{"_id":"key","${'k'.repeat(n)}":1}`),
  size.map((n) => `{"_id":"${'i'.repeat(n)}"}`),
  size.map((n) => `{"_id":"digits","n":${'1'.repeat(n)}}`),
  size.map((n) => `{"_id":"power","n":1e${'9'.repeat(n)}}`),
  size.map((n) => `{"_id":"zeros","n":0.${'0'.repeat(n)}1}`),
  size.map((n) => `{"_id":"escapes","t":"${'\\u0041'.repeat(n)}"}`),
  size.map((n) => `[${'{},'.repeat(n)}{}]`),
  size.map((n) => `${'\n'.repeat(n)}{"_id":"blank"}`),
  size.map((n) => `{"same":1,${'"same":1,'.repeat(n)}"a":1}`),
)

/** Keys and values that a database or a language could take for more than data. */
export const operators: readonly string[] = [
  '{"$where":"sleep(1000)"}',
  '{"a":{"$ne":null}}',
  '{"$set":{"a":1}}',
  '{"a":[{"$gt":""}]}',
  '{"_id":{"$ne":null}}',
  '{"_id":{"$oid":"0123456789abcdef01234567"}}',
  '{"_id":"$where","a":"$$ROOT"}',
  '{"_id":"dots","a.b":1,"../..":2,"":3}',
  '{"_id":"proto","__proto__":{"polluted":true}}',
  '{"_id":"constructor","constructor":{"prototype":{"polluted":true}}}',
  '{"_id":"__proto__","toString":1,"hasOwnProperty":null}',
  '{"_id":"types","a":{"_bsontype":"ObjectId","id":"x"}}',
]

const ids = fc.constantFrom('a', 'b', '$ne', '__proto__', 'constructor', 'ä', '0'.repeat(24))

const json = fc.oneof(
  fc.tuple(ids, anyDocument).map(([id, document]) => {
    const rest = stringifyExact({ ...document, marker }).slice(1)
    return `{"_id":${JSON.stringify(id)},${rest}`
  }),
  withFault.map(({ text }) => text.replace(/\}$/, `,"m":"${marker}"}`)),
  fc.constantFrom(...operators).map((text) => text.replace(/\}$/, `,"m":"${marker}"}`)),
  fc.json().map((text) => `[${text},"${marker}"]`),
)

const brokenText = fc
  .tuple(
    json,
    fc.nat(),
    fc.constantFrom('\xff', '\xc0\x80', '\xed\xa0\x80', '\x00', '\xf8', '\x1f'),
  )
  .map(([text, at, bad]) => {
    const bytes = bytesOf(text)
    const place = at % bytes.length
    return bytes.slice(0, place) + bad + bytes.slice(place)
  })

const lines = fc
  .array(fc.oneof(json, fc.constantFrom('', ' ', '\r', `"${marker}"`, '{')), { maxLength: 6 })
  .map((texts) => bytesOf(texts.join('\n')))

const form = fc
  .tuple(fc.constantFrom('document', 'action', 'etag', '__proto__', 'document[$ne]'), json)
  .map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}&x=${marker}`)

/** A body, a character a byte. */
export const badBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: json.map(bytesOf) },
  { weight: 2, arbitrary: brokenText },
  { weight: 2, arbitrary: lines },
  { weight: 1, arbitrary: form },
  { weight: 1, arbitrary: bomb.map((text) => `${text} ${marker}`) },
  { weight: 1, arbitrary: bomb },
  { weight: 1, arbitrary: json.map((text) => gzipSync(text.repeat(50)).toString('latin1')) },
  { weight: 1, arbitrary: fc.constant('') },
)
