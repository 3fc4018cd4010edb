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

  it('prints nothing of a connection string, whoever put it into a message', () => {
    for (const pretty of [false, true]) {
      const { log, written } = logOf({ pretty })
      const uri = 'mongodb+srv://user:p/a@ss@db.example/?tlsCertificateKeyFilePassword=hidden'
      log.error(`cannot use ${uri}, it seems`, errorFields(new Error(`no ${uri}`)))
      log.warn('proxy', { at: 'http://me:word@proxy.example:3128/' })
      log.flush()
      const text = written.join('')
      assert.doesNotMatch(text, /user|p\/a|@ss|db\.example|hidden|me:word/)
      assert.equal(text.match(/mongodb\+srv:\/\/\[secret\]/g)?.length, 3, text)
      assert.match(text, /http:\/\/\[secret\]@proxy\.example:3128\//)
    }
  })

  it('leaves addresses, paths and people alone', () => {
    const { log, written } = logOf({})
    const fields = {
      at: 'http://localhost:5000/@x',
      file: 'file:///a/node_modules/@b/c',
      by: 'a@b',
    }
    log.info('mongodb is away: see mongodb.log', fields)
    log.flush()
    const { at, file, by, msg } = JSON.parse(written.join(''))
    assert.deepEqual({ at, file, by }, fields)
    assert.equal(msg, 'mongodb is away: see mongodb.log')
  })

  it('shows what an error is, and each of its causes with its stack', () => {
    const inner = new RangeError('inner', { cause: { code: 7 } })
    const { err } = errorFields(
      new TypeError('outer', { cause: new Error('middle', { cause: inner }) }),
    )
    assert.partialDeepStrictEqual(err, {
      type: 'TypeError',
      message: 'outer',
      cause: {
        type: 'Error',
        message: 'middle',
        cause: { type: 'RangeError', message: 'inner', cause: { message: '{ code: 7 }' } },
      },
    })
    for (const message of ['outer', 'middle', 'inner']) {
      assert.match(JSON.stringify(err), new RegExp(`"stack":"\\w+: ${message}\\\\n +at `), message)
    }
    assert.deepEqual(errorFields('text'), { err: { message: 'text' } })
  })

  it('shows the errors that one stands for', () => {
    const error = new AggregateError([new Error('::1 refuses'), new Error('127.0.0.1 refuses')])
    const { err } = errorFields(error)
    assert.partialDeepStrictEqual(err, {
      type: 'AggregateError',
      errors: [{ message: '::1 refuses' }, { message: '127.0.0.1 refuses' }],
    })
  })

  it('shows ten errors of those that refer to each other, or of a thousand', () => {
    const circle = new Error('round')
    circle.cause = circle
    assert.equal(JSON.stringify(errorFields(circle)).match(/"message":"round"/g)?.length, 10)
    const many = new AggregateError(Array.from({ length: 1000 }, () => circle))
    assert.equal(JSON.stringify(errorFields(many)).match(/"message":"round"/g)?.length, 9)
  })
})
