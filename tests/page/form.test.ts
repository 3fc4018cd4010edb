// A form is read as the URL standard says, except for what the page never sends.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../src/http/problem.ts'
import { encodedLength, parseFormFields } from '../../src/page/form.ts'
import { anyText } from '../support/any-json.ts'

const names = ['do', 'etag', 'document']
const read = (form: string) =>
  Object.fromEntries(parseFormFields(Buffer.from(form, 'latin1'), names))
const refusal = (form: string) => {
  try {
    read(form)
  } catch (error) {
    if (error instanceof Problem) return error
  }
  return assert.fail(`${form} was read`)
}

describe('the fields of a form', () => {
  it('are what a browser has put in, whatever the text', () => {
    fc.assert(
      fc.property(anyText(), fc.string(), (document, etag) => {
        const form = new URLSearchParams({ etag, document })
        const { etag: readTag, document: readText } = read(form.toString())
        assert.equal(readTag, etag)
        assert.equal(readText, form.get('document'))
      }),
    )
  })

  it('keep a % without two hex digits after it, as the standard says', () => {
    for (const value of ['%', '%2', '%zz', '%2g%20', 'a%', '100%+%41', '=', 'a=b=c']) {
      const expected = new URLSearchParams(`document=${value}`).get('document')
      assert.equal(read(`document=${value}`).document, expected, value)
    }
    assert.deepEqual(read('document'), { document: '' })
    assert.deepEqual(read(''), {})
  })

  it('are refused if one is unknown or comes twice', () => {
    for (const form of [
      'document=1&document=2',
      'x=1',
      '&',
      'do=save&&etag=',
      'document=1&ab',
      '__proto__=1',
    ]) {
      assert.equal(refusal(form).code, 'invalid_form', form)
    }
    assert.match(refusal('document=1&document=2').message, /document twice/)
    assert.ok(refusal(`${'a'.repeat(200_000)}=1`).message.length < 200)
  })

  it('are UTF-8: another text would be stored with other characters', () => {
    for (const form of ['document=%ff', 'document=\xe4', 'document=%C3']) {
      assert.equal(refusal(form).code, 'invalid_utf8', form)
    }
  })
})

describe('the length of a text in a form', () => {
  it('is that of what a browser sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(3), (text, lines) => {
        const whole = `${text}${'\n'.repeat(lines)}`.replaceAll('\r', '')
        const sent = new URLSearchParams({ d: whole.replaceAll('\n', '\r\n') }).toString()
        assert.equal(encodedLength(whole), sent.length - 'd='.length)
      }),
    )
  })
})
