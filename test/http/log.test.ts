// Log lines for machines and for people.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLog, errorFields, type LogOptions } from '../../src/http/log.ts'

function logOf(options: Partial<LogOptions>) {
  const written: string[] = []
  const log = createLog({
    level: 'info',
    pretty: false,
    write: (text) => written.push(text),
    ...options,
  })
  return { log, written }
}

describe('the log', () => {
  it('writes JSON lines with pino’s fields', () => {
    const { log, written } = logOf({})
    log.info('hello', { reqId: 'x', ms: 1.5 })
    log.flush()
    const { time, hostname, ...rest } = JSON.parse(written.join(''))
    assert.deepEqual(rest, { level: 30, pid: process.pid, reqId: 'x', ms: 1.5, msg: 'hello' })
    assert.ok(Math.abs(time - Date.now()) < 10_000)
    assert.equal(typeof hostname, 'string')
  })

  it('writes nothing below its level', () => {
    const { log, written } = logOf({ level: 'warn' })
    log.debug('d')
    log.info('i')
    log.warn('w')
    log.error('e')
    log.flush()
    assert.equal(written.join('').split('\n').length - 1, 2)
  })

  it('writes the lines of one turn of the event loop together', async () => {
    const { log, written } = logOf({})
    for (let n = 0; n < 10; n++) log.info(`line ${n}`)
    assert.equal(written.length, 0)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(written.length, 1)
    assert.equal(written[0]?.split('\n').length, 11)
    log.flush()
    assert.equal(written.length, 1)
  })

  it('is one readable line at a terminal', () => {
    const { log, written } = logOf({ pretty: true })
    log.warn('slow', { route: '/data', ms: 12 })
    log.flush()
    assert.match(written.join(''), /^\d\d:\d\d:\d\d warn {2}slow route=\/data ms=12\n$/)
  })

  it('never prints a secret', () => {
    const { log, written } = logOf({ secrets: ['p@ss', 'p%40ss'] })
    log.error('failed', errorFields(new Error('at mongodb://u:p%40ss@db with p@ss')))
    log.flush()
    assert.doesNotMatch(written.join(''), /p@ss|p%40ss/)
    assert.match(written.join(''), /\[secret\]/)
  })

  it('finds a secret that JSON would escape, and leaves numbers alone', () => {
    const { log, written } = logOf({ secrets: ['a"b\\c', '3'] })
    log.info('with a"b\\c', { err: { message: 'a"b\\c and 3' }, ms: 3 })
    log.flush()
    const line = JSON.parse(written.join(''))
    assert.equal(line.msg, 'with [secret]')
    assert.deepEqual(line.err, { message: '[secret] and [secret]' })
    assert.deepEqual([line.level, line.ms], [30, 3])
  })

  it('shows what an error is, and its cause', () => {
    const fields = errorFields(new TypeError('outer', { cause: new Error('inner') }))
    assert.match(
      JSON.stringify(fields),
      /"type":"TypeError","message":"outer".*"cause":"Error: inner"/,
    )
    assert.deepEqual(errorFields('text'), { err: { message: 'text' } })
  })
})
