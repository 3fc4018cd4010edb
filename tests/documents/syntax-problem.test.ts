// Of a text that is not JSON a message says where, what to do, what was expected and what is there.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { newObjectId } from '../../src/codec/document-id.ts'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { Refusal } from '../../src/codec/refusal.ts'
import { anyDocument } from '../support/any-json.ts'
import { stringifyExact } from '../support/exact-json.ts'

const parser = new DocumentParser()

async function faultOf(text: string): Promise<Refusal | undefined> {
  try {
    await parser.parseBody(Buffer.from(text))
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return undefined
}

async function detailOf(text: string): Promise<string> {
  const problem = await faultOf(text)
  assert.ok(problem?.code === 'invalid_json', `${text} is not refused as JSON`)
  return problem.message.replace(/ Nothing was inserted\.$/, '')
}

/** Whole messages. Each has the same four parts. */
const whole: readonly (readonly [text: string, detail: string])[] = [
  [
    '{\n  "a": 1,\n}',
    'Line 3, column 1: remove the comma before }. Expected a key in double quotes, found }.',
  ],
  [
    "{'a': 1}",
    `Line 1, column 2: write double quotes: "a". Expected a key in double quotes or }, found 'a'.`,
  ],
  [
    '{name: "Ada"}',
    'Line 1, column 2: write double quotes around the key: "name". Expected a key in double quotes or }, found name.',
  ],
  [
    '{"p": "C:\\Users\\ada"}',
    'Line 1, column 10: write a backslash as \\\\: "C:\\\\Users\\\\ada". Expected an escape of JSON, found \\U.',
  ],
  [
    '{"a": [1, {"b": 2}',
    'Line 1, column 19: write ]} at the end. Expected a comma or ], found the end.',
  ],
  [
    '{"a": 1}\n{"b": 2}',
    'Line 2, column 1: send one document, or several as an array. Expected the end of the text, found {. Many documents go in as an array or, one per line, as application/x-ndjson.',
  ],
  [
    'name,age\nAda,36',
    'Line 1, column 1: send JSON; this looks like CSV. A row would be {"column": "value"}. Expected { or [, found name.',
  ],
]

/** What people paste or type, from the wrong word on, and the remedy. */
const kinds: Readonly<Record<string, readonly (readonly [string, at: string, remedy: string])[]>> =
  {
    'other quotes': [
      [`{"a": 'it"s'}`, `'it"s'}`, 'write double quotes: "it\\"s"'],
      ["{'a\\'b': 1}", "'a\\'b': 1}", `write double quotes: "a'b"`],
      ['{"a": `x`}', '`x`}', 'write double quotes: "x"'],
      ['{“a”: 1}', '“a”: 1}', 'write straight quotes (") instead of “'],
      ['{"a": „x“}', '„x“}', 'write straight quotes (") instead of „'],
      ['{"a": ‘x’}', '‘x’}', 'write double quotes: "x"'],
      ['{"a": «x»}', '«x»}', 'write straight quotes (") instead of «'],
      ['{&quot;a&quot;: 1}', '&quot;a&quot;: 1}', 'write the character itself; &quot; is of HTML'],
      ['{\\"a\\": 1}', '\\"a\\": 1}', 'remove the backslash before each quote'],
      [
        `'{"a": 1}'`,
        `'{"a": 1}'`,
        'put double quotes around the document, and \\" within; cmd.exe',
      ],
      [`{"a": u'x'}`, `u'x'}`, 'remove u before the quotes'],
      ['{"a": b"x"}', 'b"x"}', 'remove b before the quotes'],
      ['{"a": """x"""}', '"x"""}', 'write one quote at each end of a text, and \\" within'],
      ['{"a": "say "hi" now"}', 'hi" now"}', 'write a quote within a text as \\"'],
      ['{"na"me": 1}', 'me": 1}', 'write a quote within a text as \\"'],
      ['{"n": 9"}', '"}', 'write a quote at both ends of a text, or at none of a number'],
    ],
    'no quotes': [
      ['{name: 1}', 'name: 1}', 'write double quotes around the key: "name"'],
      ['{größe_2: 1}', 'größe_2: 1}', 'write double quotes around the key: "größe_2"'],
      ['{my-key: 1}', 'my-key: 1}', 'write double quotes around the key: "my-key"'],
      ['{null: 1}', 'null: 1}', 'write double quotes around the key: "null"'],
      ['{1: 2}', '1: 2}', 'write double quotes around the key: "1"'],
      [
        '{name:Ada}',
        'name:Ada}',
        'write double quotes around keys and texts: "name". Windows PowerShell',
      ],
      ['{name}', 'name}', 'write double quotes around the key, a colon and a value: "name": null'],
      ['{name=Ada}', 'name=Ada}', 'write double quotes and a colon: "name":'],
      [
        '{"a": Ada Lovelace, "b": 1}',
        'Ada Lovelace, "b": 1}',
        'write double quotes around a text: "Ada Lovelace"',
      ],
      ['{"a": 2026-11-24}', '2026-11-24}', 'write double quotes around a text: "2026-11-24"'],
      ['{"a": 12:30}', ':30}', 'write double quotes around a time'],
      ['{"a": 5kg}', '5kg}', 'write double quotes around a text: "5kg"'],
      ['{"a": 5 €}', '€}', 'write a comma before €'],
      ['{"a": 50%}', '50%}', 'write double quotes around a text: "50%"'],
      ['{"a": 192.168.0.1}', '192.168.0.1}', 'write double quotes around a text: "192.168.0.1"'],
      ['{"a": #fff}', '#fff}', 'write double quotes around a text: "#fff"'],
      ['{"a": /ab+/i}', '/ab+/i}', 'write "/ab+/i"; JSON has no regular expressions'],
      ['{"a": <Buffer 01>}', '<Buffer 01>}', 'write double quotes around a text: "<Buffer 01>"'],
    ],
    commas: [
      ['{"a": [1, 2,]}', ']}', 'remove the comma before ]'],
      ['{"a": 1,, "b": 2}', ', "b": 2}', 'remove one of the two commas'],
      ['[1,,2]', ',2]', 'remove one of the two commas'],
      ['{, "a": 1}', ', "a": 1}', 'remove the comma'],
      ['[, 1]', ', 1]', 'remove the comma'],
      ['{"a": 1 "b": 2}', '"b": 2}', 'write a comma before "b"'],
      ['{"a": "x"\n"b": 2}', '"b": 2}', 'write a comma before "b"'],
      ['{"a": {} b: 2}', 'b: 2}', 'write a comma before b'],
      ['[1 2]', '2]', 'write a comma before 2'],
      ['[{"a": 1} {"b": 2}]', '{"b": 2}]', 'write a comma before {'],
      ['{"a": 1; "b": 2}', '; "b": 2}', 'write a comma instead of ;'],
      ['{"a": 1，"b": 2}', '，"b": 2}', 'write , instead of ，'],
      ['{"a": 1,5}', '5}', 'write 1.5 or 15 if it is one number'],
      ['{"a": 1},', ',', 'remove the comma after the document'],
      ['{"a": 1},{"b": 2}', ',{"b": 2}', 'write [ before the first document and ] after the last'],
    ],
    colons: [
      ['{"a" 1}', '1}', 'write a colon before 1'],
      ['{"a" "b"}', '"b"}', 'write a colon before "b"'],
      ['{"a" {"b": 1}}', '{"b": 1}}', 'write a colon before {"b":'],
      ['{"a" true}', 'true}', 'write a colon before true'],
      ['{"a" = 1}', '= 1}', 'write a colon instead of ='],
      ['{"a" => 1}', '=> 1}', 'write a colon instead of =>'],
      ['{"a"：1}', '：1}', 'write : instead of ：'],
      ['{"a":: 1}', ': 1}', 'remove one of the two colons'],
      [
        '{"a": "b": 1}',
        ': 1}',
        'write a comma instead of the colon, or { } around what belongs together',
      ],
      [
        '{"a", "b"}',
        ', "b"}',
        'write a colon and a value after the key, or a list in square brackets',
      ],
      ['{"a"}', '}', 'write a colon and a value after the key, or a list in square brackets'],
      ['{: 1}', ': 1}', 'write a key in double quotes before the colon'],
      ['{"a": }', '}', 'write a value after the colon, such as null'],
      ['{"a":, "b": 1}', ', "b": 1}', 'write a value after the colon, such as null'],
      ['["a": 1]', ': 1]', 'write { } instead of [ ] for an object'],
      ['"a": 1', ': 1', 'write { before the key and } at the end'],
    ],
    brackets: [
      ['{', '', 'write } at the end'],
      ['[{"a": 1}', '', 'write ] at the end'],
      ['{"a"', '', 'write a colon, a value and } at the end'],
      ['{"a": ', '', 'write a value and } at the end'],
      ['{"a": 1, ', '', 'remove the comma, and write } at the end'],
      [`{"a": ${'['.repeat(30)}`, '', 'write 31 closing brackets at the end'],
      ['{"a": 1}}', '}', 'remove }; no bracket is open that it could close'],
      ['{"a": 1}\n]', ']', 'remove ]; no bracket is open that it could close'],
      ['{"a": [1, 2}', '}', 'write ] before }'],
      ['{"a": 1]', ']', 'write } instead of ]'],
      ['[{"a": 1]', ']', 'write } before ]'],
      ['{]', ']', 'write } instead of ]'],
      ['{"a": [}', '}', 'write ] instead of }'],
      [
        '{{"a": 1}}',
        '{"a": 1}}',
        'write a key and a colon before {, or only one of the two brackets',
      ],
      ['{"a": 1, {"b": 2}}', '{"b": 2}}', 'write a key and a colon before {'],
      ['{1, 2}', '1, 2}', 'write a list in square brackets, [ ]'],
      ['{"a": (1, 2)}', '(1, 2)}', 'write a list in square brackets, [ ]'],
      ['｛"a": 1}', '｛"a": 1}', 'write { instead of ｛'],
      [`${'['.repeat(200)}1 2`, '2', 'write a comma before 2'],
    ],
    comments: [
      ['// one\n{"a": 1}', '// one\n{"a": 1}', 'remove the comment'],
      ['{"a": 1 // one\n}', '// one\n}', 'remove the comment'],
      ['{"a": 1// one\n}', '// one\n}', 'remove the comment'],
      ['{/* one */ "a": 1}', '/* one */ "a": 1}', 'remove the comment'],
      ['{"a": # one\n1}', '# one\n1}', 'remove the comment'],
      ['{"a": 1, -- one\n"b": 2}', '-- one\n"b": 2}', 'remove the comment'],
      ['{"a": 1} // one', '// one', 'remove the comment'],
      ['{"a": ...}', '...}', 'write what ... stands for'],
      ['{…}', '…}', 'write what … stands for'],
    ],
    'words of other languages': [
      ['{"a": NaN}', 'NaN}', 'write null, or "NaN"; JSON has no such number'],
      ['{"a": -Infinity}', '-Infinity}', 'write null, or "-Infinity"; JSON has no such number'],
      ['{"a": undefined}', 'undefined}', 'write null instead of undefined'],
      ['{"a": None}', 'None}', 'write null instead of None'],
      ['{"a": nil}', 'nil}', 'write null instead of nil'],
      ['{"a": NULL}', 'NULL}', 'write null instead of NULL'],
      ['{"a": nul}', 'nul}', 'write null instead of nul'],
      ['{"a": True}', 'True}', 'write true instead of True'],
      ['{"a": tru}', 'tru}', 'write true instead of tru'],
      ['{"a": False}', 'False}', 'write false instead of False'],
      ['{"a": yes}', 'yes}', 'write true, or "yes"'],
      ['{"a": off}', 'off}', 'write false, or "off"'],
      ['{"a": truely}', 'truely}', 'write double quotes around a text: "truely"'],
      ['{"_id": None}', 'None}', 'write null instead of None'],
      ['{"a": ObjectId("65f0")}', 'ObjectId("65f0")}', 'write "65f0" instead of ObjectId("65f0")'],
      [
        `{"a": ISODate('2026-01-01')}`,
        `ISODate('2026-01-01')}`,
        `write "2026-01-01" instead of ISODate('2026-01-01')`,
      ],
      ['{"a": NumberLong(5)}', 'NumberLong(5)}', 'write 5 instead of NumberLong(5)'],
      ['{"a": new Date()}', 'new Date()}', 'write the value that Date( ) stands for'],
      ['{"a": [Object]}', 'Object]}', 'let JSON.stringify make the text'],
      ['[object Object]', 'object Object]', 'let JSON.stringify make the text'],
      ['{"a": "x" + "y"}', '+ "y"}', 'write the result; JSON does not calculate'],
    ],
    numbers: [
      ['{"a": 007}', '007}', 'write 7, or "007" if it is not a number'],
      ['{"a": -01}', '-01}', 'write -1'],
      ['{"a": +1}', '+1}', 'write 1'],
      ['{"a": .5}', '.5}', 'write 0.5'],
      ['{"a": -.5e3}', '-.5e3}', 'write -0.5e3'],
      ['{"a": 5.}', '5.}', 'write 5.0'],
      ['{"a": 5.', '5.', 'write 5.0'],
      ['{"a": 1e}', '1e}', 'write digits after the e of 1e'],
      ['{"a": 1e+', '1e+', 'write digits after the e of 1e+'],
      ['{"a": -}', '-}', 'write a number after -'],
      ['{"a": - 1}', '- 1}', 'write the sign next to its number'],
      ['{"a": --1}', '--1}', 'write one sign instead of --'],
      ['{"a": 0x1F}', '0x1F}', 'write 31, or "0x1F"'],
      ['{"a": -0b11}', '-0b11}', 'write -3, or "-0b11"'],
      ['{"a": 0b12}', '0b12}', 'write double quotes around a text: "0b12"'],
      ['{"a": 0o17}', '0o17}', 'write 15, or "0o17"'],
      ['{"a": 1_000}', '1_000}', 'write 1000'],
      ['{"a": 1\'000}', "1'000}", 'write 1000'],
      ['{"a": 10n}', '10n}', 'write 10'],
      ['{"a": 1.5f}', '1.5f}', 'write 1.5'],
      ['{"a": −5}', '−5}', 'write - instead of −'],
      ['{"a": 1.2.3}', '1.2.3}', 'write double quotes around a text: "1.2.3"'],
    ],
    texts: [
      ['{"a": "one\ntwo"}', '"one\ntwo"}', 'close the text with ", or write its line break as \\n'],
      [
        '{"a": "one\r\ntwo"}',
        '"one\r\ntwo"}',
        'close the text with ", or write its line break as \\n',
      ],
      [
        '{"a": "one,\n"b": 2}',
        '"one,\n"b": 2}',
        'close the text with ", or write its line break as \\n',
      ],
      ['{"a": "one', '"one', 'close the text with "'],
      ['{"a": "one\ttwo"}', '\ttwo"}', 'write a tab within a text as \\t'],
      ['{"a": "\u0001"}', '\u0001"}', 'remove U+0001 or write its escape'],
      ['{"p": "\\\\srv\\share"}', '\\share"}', 'write a backslash as \\\\: "\\\\srv\\\\share"'],
      ['{"p": "\\d+"}', '\\d+"}', 'write a backslash as \\\\: "\\\\d+"'],
      ['{"a": "\\x41"}', '\\x41"}', 'write \\u0041 instead of \\x41'],
      ['{"a": "\\u12"}', '\\u12"}', 'write four hex digits after \\u, or a backslash as \\\\'],
      [
        '{"p": "D:\\users"}',
        '\\users"}',
        'write four hex digits after \\u, or a backslash as \\\\',
      ],
      ['{"a": "it\\\'s"}', '\\\'s"}', "write ' without a backslash"],
      ['{"a": "one\\\ntwo"}', '\\\ntwo"}', 'write a line break as \\n, and a backslash as \\\\'],
      ['{"a": "one\\', '\\', 'write a line break as \\n, and a backslash as \\\\'],
    ],
    'what cannot be seen': [
      ['{"a":\u00a01}', '\u00a01}', 'write an ordinary space instead of U+00A0'],
      ['{"a":\u30001}', '\u30001}', 'write an ordinary space instead of U+3000'],
      ['{\u200b"a": 1}', '\u200b"a": 1}', 'remove U+200B, which cannot be seen'],
      ['{"a": 1}\u0000', '\u0000', 'remove U+0000, which cannot be seen'],
      ['{"a": 1}\n\ufeff{"b": 2}', '\ufeff{"b": 2}', 'remove U+FEFF, a byte order mark'],
      ['{"a": \u202e1}', '\u202e1}', 'remove U+202E, which cannot be seen'],
    ],
    'texts of another format': [
      ['', '', 'send a document, such as {"name": "Ada"}'],
      [' \n', '', 'send a document, such as {"name": "Ada"}'],
      ['<!doctype html><html>', '<!doctype html><html>', 'send JSON; this looks like HTML'],
      ['<html lang="en">', '<html lang="en">', 'send JSON; this looks like HTML'],
      ['<?xml version="1.0"?>', '<?xml version="1.0"?>', 'send JSON; this looks like XML'],
      ['<note>x</note>', '<note>x</note>', 'send JSON; this looks like XML'],
      ['name: Ada\nborn: 1815', 'name: Ada\nborn: 1815', 'send JSON; this looks like YAML'],
      ['---\nname: Ada', '---\nname: Ada', 'send JSON; this looks like YAML'],
      ['- one\n- two', '- one\n- two', 'send JSON; this looks like YAML'],
      ['a=1&b=2', 'a=1&b=2', 'send JSON; this looks like a form'],
      ['json={"a": 1}', 'json={"a": 1}', 'send JSON; this looks like a form'],
      [
        '--x1\r\nContent-Disposition: form-data',
        '--x1\r\nContent-Disposition: form-data',
        'send the document alone and not as a form: curl -d',
      ],
      [
        '%7B%22a%22%3A1%7D',
        '%7B%22a%22%3A1%7D',
        'send the text as it is, without percent-encoding',
      ],
      ['```json\n{"a": 1}\n```', '```json\n{"a": 1}\n```', 'remove the lines with ```'],
      ['const x = {"a": 1}', 'const x = {"a": 1}', 'remove const x = before the document'],
      ['callback({"a": 1})', 'callback({"a": 1})', 'remove callback( and what closes it'],
      ['data: {"a": 1}', 'data: {"a": 1}', 'remove data: before the document'],
      [
        '@{name=Ada}',
        '@{name=Ada}',
        'let PowerShell make JSON of it: -Body (ConvertTo-Json $object)',
      ],
      [
        'System.Collections.Hashtable',
        'System.Collections.Hashtable',
        'let PowerShell make JSON of it',
      ],
      ['@doc.json', '@doc.json', 'send what is in the file: curl --data-binary @FILE'],
      ['https://example.com/a.json', 'https://example.com/a.json', 'send what is at the address'],
      ['POST /data HTTP/1.1\n\n{"a": 1}', 'POST /data HTTP/1.1\n\n{"a": 1}', 'send the body alone'],
      ['hello', 'hello', 'send an object, such as {"name": "Ada"}'],
      ['nul', 'nul', 'send an object, such as {"name": "Ada"}'],
      ['5 x', 'x', 'send an object, such as {"name": "Ada"}'],
      ['1,2,3', ',2,3', 'send JSON; this looks like CSV'],
      ['{"a": 1};', ';', 'remove the ; after the document'],
      ['{"a": 1} x', 'x', 'remove what comes after the document'],
    ],
  }

describe('the message for a text that is not JSON', () => {
  it('has the place, the way out, what was expected and what is there', async () => {
    for (const [text, detail] of whole) assert.equal(await detailOf(text), detail)
  })

  for (const [kind, cases] of Object.entries(kinds)) {
    it(`knows ${kind}, and where the wrong word begins`, async () => {
      for (const [text, at, remedy] of cases) {
        const detail = await detailOf(text)
        assert.ok(text.endsWith(at))
        const lines = text.slice(0, text.length - at.length).split('\n')
        const place = `Line ${lines.length}, column ${[...(lines.at(-1) ?? '')].length + 1}: `
        assert.ok(detail.startsWith(place + remedy), `${detail}\nis not: ${place}${remedy}`)
      }
    })
  }

  it('says of an array that nothing was inserted', async () => {
    assert.match(
      (await faultOf('[{"a": 1},]'))?.message ?? '',
      /before \]\. .* Nothing was inserted\.$/,
    )
  })

  it('says of a line that it has one whole document', async () => {
    const line = (text: string) =>
      parser.parseLine(Buffer.from(text), 7, { newId: newObjectId, isShown: true })
    const early = await line('{')
    assert.ok(early instanceof Refusal)
    assert.match(
      early.message,
      /^Line 7, column 2: write } at the end\. .* jq -c \. puts one on a line\.$/,
    )
  })

  it('recognises a document that was encoded as JSON twice, and something that is not a document', async () => {
    const twice = await faultOf(JSON.stringify(JSON.stringify({ a: 1 })))
    assert.match(twice?.message ?? '', /Serialize it once, not twice/)
    assert.match((await faultOf('"{a}"'))?.message ?? '', /this is a text\./)
    assert.match((await faultOf('17'))?.message ?? '', /this is a single value\./)
  })

  it('is short and whole for any text, and its place is within it', async () => {
    const slip = fc.constantFrom(
      '',
      ',',
      '}',
      ']',
      '"',
      "'",
      ':',
      '\\',
      '\n',
      '01',
      'x',
      '/',
      '\u202e',
      '😀',
      '“',
      '(',
      'é',
      '\0',
    )
    const broken = fc
      .tuple(anyDocument.map(stringifyExact), fc.nat(), fc.nat({ max: 3 }), slip)
      .map(([text, at, cut, put]) => {
        const place = at % (text.length + 1)
        return text.slice(0, place) + put + text.slice(place + cut)
      })
    const shape =
      /^Line (\d+), column (\d+): .+\. Expected .+, found .+\.( Many documents go in .*)?$/s
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        const problem = await faultOf(text.toWellFormed())
        if (problem?.code !== 'invalid_json') return
        const [, line, column] = shape.exec(problem.message) ?? []
        assert.deepEqual(problem.details, { line: Number(line), column: Number(column) })
        assert.ok(problem.message.length < 400, problem.message)
        const found = text.split('\n')[Number(line) - 1]
        assert.ok(found !== undefined && [...found].length + 1 >= Number(column))
      }),
      { numRuns: 2000 },
    )
  })

  it('is there for any word, wherever it stands', async () => {
    const words = fc.string({
      unit: fc.constantFrom(...'0123456789xobefnNaulITtrs+-._\'"\\/:;,=(){}[]<>&#$@ \n\t“\u200b字'),
      minLength: 1,
      maxLength: 12,
    })
    const places = fc.constantFrom(
      '',
      '{',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '[',
      '[1',
      '[1,',
      '{}',
    )
    await fc.assert(
      fc.asyncProperty(places, words, fc.constantFrom('', '}', ']', ' x'), async (...parts) => {
        const message = (await faultOf(parts.join('')))?.message ?? ''
        assert.ok(message.length < 400, message)
      }),
      { numRuns: 5000 },
    )
  })

  it('quotes at most 100 characters of the text, whatever its words', async () => {
    for (const unit of ['k', '字', '😀', '\\n', "'", '.', '-', '9']) {
      const word = unit.repeat(3000)
      for (const text of [
        `{${word}`,
        `{"a":${word}`,
        `{"a" ${word}`,
        `{"a":1 ${word}`,
        word,
        `{}${word}`,
        `{"a":"${word}\\q"}`,
      ]) {
        const detail = (await faultOf(text))?.message ?? ''
        assert.ok(detail.split(unit).length - 1 <= 100, detail)
        assert.ok(detail.length < 600, detail)
      }
    }
  })
})
