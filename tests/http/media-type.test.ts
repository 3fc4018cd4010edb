// Content negotiation and the type of a body.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { negotiateType, parseContentType } from '../../src/http/media-type.ts'

const offered = ['application/json', 'application/x-ndjson']

describe('the negotiation of a media type', () => {
  it('takes the first one if the client says nothing or takes all', () => {
    for (const accept of [undefined, '', ' ', '*/*', 'application/*']) {
      assert.equal(negotiateType(accept, offered), offered[0])
    }
  })

  it('weighs by quality, whatever the order and case', () => {
    assert.equal(negotiateType('application/json;q=0.2, application/x-ndjson', offered), offered[1])
    assert.equal(negotiateType('APPLICATION/X-NDJSON ; Q=1', offered), offered[1])
  })

  it('lets the most specific range decide', () => {
    assert.equal(negotiateType('application/json;q=0, */*', offered), offered[1])
    assert.equal(
      negotiateType('application/*;q=0.1, application/x-ndjson;q=0.9, */*', offered),
      offered[1],
    )
    assert.equal(negotiateType('*/*;q=0, application/x-ndjson', offered), offered[1])
  })

  it('finds none if the client takes none of them', () => {
    for (const accept of [
      'text/html',
      'application/json;q=0, application/x-ndjson;q=0',
      '*/*;q=0',
      'json',
    ]) {
      assert.equal(negotiateType(accept, offered), undefined, accept)
    }
    assert.equal(negotiateType('application/json;q=2', offered), undefined)
    assert.equal(negotiateType('application/json;q=x', offered), undefined)
  })

  it('ignores the parameters of what is offered', () => {
    const html = 'text/html; charset=utf-8'
    assert.equal(negotiateType('text/html', ['text/plain; charset=utf-8', html]), html)
  })
})

describe('the type of a body', () => {
  it('is in lower case, apart from its parameters', () => {
    assert.deepEqual(parseContentType('Application/JSON; Charset="UTF-8"; x=y'), {
      type: 'application/json',
      charset: 'utf-8',
    })
    assert.deepEqual(parseContentType('text/plain'), { type: 'text/plain' })
    assert.deepEqual(parseContentType(undefined), { type: '' })
  })
})
