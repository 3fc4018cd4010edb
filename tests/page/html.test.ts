// Every value in a template is text.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { html } from '../../src/page/html.ts'
import { preformatted, prettyHtml } from '../../src/page/pretty-json.ts'
import { visibleText } from '../../src/shown-text.ts'

const textOf = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

describe('a template of HTML', () => {
  it('escapes what could end an element or an attribute', () => {
    const value = `<img src="x" onerror='alert(1)'>&amp;`
    assert.equal(
      html`<p title="${value}">${value}</p>`.markup,
      '<p title="&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt;&amp;amp;">' +
        '&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt;&amp;amp;</p>',
    )
  })

  it('takes HTML, lists of it and numbers as they are, and nothing for undefined', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`)
    assert.equal(
      html`<ul>${items}</ul>${3}${undefined}`.markup,
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>3',
    )
  })

  it('shows any text of a document and no markup of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (key, value) => {
        const json = JSON.stringify({ [key]: value })
        const { markup } = preformatted((await prettyHtml(json, 1 << 20)).lines)
        assert.doesNotMatch(markup, /<(?!\/?(i|samp|var)>)/)
        const [shownKey, shownValue] = [key, value].map((text) => visibleText(JSON.stringify(text)))
        assert.equal(textOf(markup), `{\n  ${shownKey}: ${shownValue}\n}`)
      }),
    )
  })
})
