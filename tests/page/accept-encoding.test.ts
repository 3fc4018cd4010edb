// The page is compressed for clients that say they take gzip, and for no others (RFC 9110, 12.5.3).
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { takesGzip } from '../../src/page/send-page.ts'

describe('Accept-Encoding', () => {
  it('takes gzip if its quality is not 0, by its name or by *', () => {
    for (const header of [
      'gzip',
      'GZIP',
      'x-gzip',
      'deflate, gzip;q=1.0, br',
      'gzip;q=0.001',
      'gzip ; q=0.5',
      '*',
      '*;q=0.1, br;q=1',
      'identity;q=0, *',
      'identity;q=0.5, gzip;q=0.5',
    ]) {
      assert.equal(takesGzip(header), true, header)
    }
  })

  it('takes nothing else, no gzip of quality 0, and none after identity', () => {
    for (const header of [
      undefined,
      '',
      'gzip-x',
      'xgzip',
      'br',
      'gzip;q=0',
      'gzip;q=0.0',
      'gzip;q=0.000, *',
      '*;q=0',
      'identity',
      'identity;q=0',
      'identity, gzip;q=0.5',
      'gzip;q=2',
      'gzip;q=x',
    ]) {
      assert.equal(takesGzip(header), false, String(header))
    }
  })
})
