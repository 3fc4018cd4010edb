// The query string: what it means, and what is said of one that means nothing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '../../src/codec/refusal.ts'
import type { Filter, Scalar } from '../../src/query/filter.ts'
import { parseQueryBody } from '../../src/query/query-body.ts'
import { parseQueryString } from '../../src/query/query-string.ts'

const parse = (search: string) => parseQueryString(new URLSearchParams(search))

function problem(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof Refusal)
    assert.equal(error.code, 'invalid_query')
    assert.ok(error.message.length < 600, 'it costs no more than what caused it')
    return error.message
  }
  return assert.fail('accepted')
}

const refused = (search: string) => problem(() => parse(search))

function valuesOf(filter: Filter | undefined): readonly Scalar[] {
  assert.ok(filter?.kind === 'condition' && filter.test.op === 'in')
  return filter.test.values
}

const values = (value: string, operator = 'eq') =>
  valuesOf(parse(`a:${operator}=${encodeURIComponent(value)}`).filter)

describe('the query string', () => {
  it('has conditions, which all hold, and parameters', () => {
    const query = parse(
      'region:eq=Europe&population:gte=1e6&sort=-population,name.common&fields=name,a.b&limit=20&after=x',
    )
    assert.deepEqual(query, {
      filter: {
        kind: 'all',
        of: [
          { kind: 'condition', path: ['region'], test: { op: 'in', values: ['Europe'] } },
          { kind: 'condition', path: ['population'], test: { op: 'gte', value: 1e6 } },
        ],
      },
      sort: [
        { path: ['population'], descending: true },
        { path: ['name', 'common'], descending: false },
      ],
      fields: [['name'], ['a', 'b']],
      limit: 20,
      after: 'x',
    })
    assert.deepEqual(parse(''), {
      filter: undefined,
      sort: [],
      fields: undefined,
      limit: undefined,
      after: undefined,
    })
  })

  it('takes a bare number for the number and the text, and quotes for the text alone', () => {
    assert.deepEqual(values('1e6'), [1_000_000, '1e6'])
    assert.deepEqual(values('01234'), [1234, '01234'])
    assert.deepEqual(values('"201207"'), ['201207'])
    assert.deepEqual(values('9007199254740993'), [9007199254740993n, '9007199254740993'])
    assert.deepEqual(values('1e400'), ['1e400'], 'no document has the number')
    assert.deepEqual(values('null'), [null])
    assert.deepEqual(values('"null"'), ['null'])
    assert.deepEqual(values('true'), [true])
    assert.deepEqual(values('{"a":1}'), ['{"a":1}'])
    assert.deepEqual(values('"half'), ['"half'])
    assert.deepEqual(values(''), [''])
    assert.deepEqual(values('-0'), [0, '-0'])
  })

  it('takes a list with commas, or a JSON array', () => {
    assert.deepEqual(values('a,b', 'in'), ['a', 'b'])
    assert.deepEqual(values('1,"c,d",null', 'in'), [1, '1', 'c,d', null])
    assert.deepEqual(values('["a",1,"1",true,9007199254740993]', 'in'), [
      'a',
      1,
      '1',
      '1',
      true,
      9007199254740993n,
      '9007199254740993',
    ])
    assert.deepEqual(values('[]', 'in'), [])
    assert.deepEqual(values('a,,"b', 'in'), ['a', '', '"b'])
    assert.match(refused(`a:in=${'1,'.repeat(100)}`), /100 values/)
    assert.match(refused('a:in=[1'), /not a JSON array/)
    assert.match(refused('a:in=[[1]]'), /takes texts, numbers/)
    assert.match(refused(`a:in=${'['.repeat(9000)}`), /not a JSON array/)
  })

  it('compares numbers with numbers and texts with texts', () => {
    const operand = (value: string) => {
      const { filter } = parse(`a:gt=${encodeURIComponent(value)}`)
      return filter?.kind === 'condition' && filter.test.op === 'gt' ? filter.test.value : filter
    }
    assert.equal(operand('5'), 5)
    assert.equal(operand('"5"'), '5')
    assert.equal(operand('05'), '05')
    assert.equal(operand('2026-01-01'), '2026-01-01')
    assert.equal(operand('-9223372036854775808'), -(2n ** 63n))
    assert.match(refused('a:gt=true'), /"true"/)
    assert.match(refused('a:lt=null'), /"null"/)
    assert.match(refused('a:lte=1e400'), /not a number that a document can hold/)
    assert.match(refused('a:lte=0.1234567890123456789'), /not a number that a document can hold/)
  })

  it('looks for texts, whatever they look like', () => {
    for (const operator of ['prefix', 'contains']) {
      const { filter } = parse(`a:${operator}=20`)
      assert.deepEqual(filter, {
        kind: 'condition',
        path: ['a'],
        test: { op: operator, value: '20' },
      })
    }
  })

  it('splits at the last colon, so that a key may have one', () => {
    const { filter } = parse('xml:lang:eq=de')
    assert.deepEqual(filter?.kind === 'condition' && filter.path, ['xml:lang'])
  })

  it('reaches members that are named like a parameter or an operator', () => {
    for (const name of ['limit', 'sort', 'or', 'select', '__proto__', 'constructor', 'eq']) {
      const { filter, limit } = parse(`${name}:eq=x`)
      assert.deepEqual(filter?.kind === 'condition' && filter.path, [name])
      assert.equal(limit, undefined)
    }
  })

  it('says what was probably meant', () => {
    assert.match(refused('name=Ada'), /name:eq=Ada/)
    assert.match(refused('limt=5'), /Did you mean limit\?/)
    assert.match(refused('_sort=a'), /Did you mean sort\?/)
    assert.match(refused('offset=5'), /Did you mean after\?/)
    assert.match(refused('a:like=5'), /Did you mean contains\?/)
    assert.match(refused('a:ge=5'), /Did you mean gte\?/)
    for (const others of ['a>=5', 'a[gte]=5', 'a[$gte]=5', 'a_gte=5', 'a__gte=5', 'a=gte.5']) {
      assert.match(refused(others), /is written a:gte=5$/, others)
    }
    assert.match(refused('a>5'), /is written a:gt=5$/)
    assert.match(refused('a!=x'), /is written a:ne=x$/)
    assert.match(refused('a_like=x'), /is written a:contains=x$/)
    assert.match(refused('first_name=Ada'), /is written first_name:eq=Ada$/)
    assert.match(refused('file=gt.txt.x'), /is written file:gt=txt.x$/)
    assert.match(refused('a:__proto__=5'), /no operator "__proto__"/)
    assert.match(refused('a:exists=1'), /true or false/)
    assert.match(refused('limit=5&limit=6'), /twice/)
    assert.match(refused('limit=0'), /from 1 to 10000/)
    assert.match(refused('sort=a,-a'), /twice/)
    assert.match(refused('sort='), /empty step/)
    assert.match(refused('fields=a,'), /empty step/)
  })

  it('is bounded', () => {
    assert.match(refused(Array(17).fill('a:eq=1').join('&')), /16 conditions/)
    assert.match(refused('sort=a,b,c,d,e'), /4 paths/)
    assert.match(refused(`fields=${Array.from({ length: 101 }, (_, n) => n)}`), /100 paths/)
    assert.match(refused('a.b.c.d.e.f.g.h.i:eq=1'), /8 steps/)
    assert.match(refused(`${'ä'.repeat(129)}:eq=1`), /256 bytes/)
    refused(`${'x'.repeat(9000)}=${'y'.repeat(9000)}`)
    refused(`x:${'y'.repeat(9000)}=1`)
    refused(`${'$'.repeat(9000)}:eq=1`)
    refused(`limit=${'9'.repeat(9000)}`)
    refused(`a:exists=${'9'.repeat(9000)}`)
    refused(`a:gt=${'9'.repeat(9000)}`)
  })

  it('has no path that could be an operator of a database', () => {
    for (const path of ['$where', 'a.$ne', '$', 'a.$', '%00', 'a.b%00', '', 'a..b', '.a', 'a.']) {
      refused(`${path}:eq=1`)
      refused(`sort=${path}`)
      refused(`fields=${path}`)
    }
  })
})

describe('the body of QUERY', () => {
  const refusedBody = (text: string) => problem(() => parseQueryBody(text))

  it('is literal, and has and, or and not', () => {
    const query = parseQueryBody(
      '{"where":["or",["eq","zip","01234"],["not",["in",["a.b",""],[1,9007199254740993,null]]]],"sort":["-a",["b.c"],{"path":["-x"],"descending":true}],"fields":["a",["b.c"]],"limit":100,"after":"x"}',
    )
    assert.deepEqual(query, {
      filter: {
        kind: 'any',
        of: [
          { kind: 'condition', path: ['zip'], test: { op: 'in', values: ['01234'] } },
          {
            kind: 'not',
            of: {
              kind: 'condition',
              path: ['a.b', ''],
              test: { op: 'in', values: [1, 9007199254740993n, null] },
            },
          },
        ],
      },
      sort: [
        { path: ['a'], descending: true },
        { path: ['b.c'], descending: false },
        { path: ['-x'], descending: true },
      ],
      fields: [['a'], ['b.c']],
      limit: 100,
      after: 'x',
    })
    assert.equal(parseQueryBody('{}').filter, undefined)
  })

  it('is refused with the place of the fault', () => {
    const bodies = [
      ['[]', /JSON object/],
      ['{"filter":[]}', /\/filter: There is no/],
      ['{"__proto__":{"where":1}}', /There is no/],
      ['{"where":{"$where":"1"}}', /\/where: A condition is a list/],
      ['{"where":["eq","a",{"$ne":1}]}', /\/where\/2: A value is/],
      ['{"where":["eq",{"$ne":1},1]}', /\/where\/1: A path is/],
      ['{"where":["eq","$where",1]}', /\/where\/1: .*begins with \$/],
      ['{"where":["and",["eq","a..b",1]]}', /\/where\/1\/1: .*empty step/],
      ['{"sort":["-a..b"]}', /\/sort\/0: .*empty step/],
      ['{"fields":["a",["$b"]]}', /\/fields\/1: .*begins with \$/],
      ['{"where":["eq",["a","$b"],1]}', /begins with \$/],
      ['{"where":["eq",["a\\u0000"],1]}', /NUL/],
      ['{"where":["eq",["\\ud800"],1]}', /surrogate/],
      ['{"where":["eq","a","\\ud800"]}', /surrogate/],
      ['{"where":["eq",[],1]}', /no step/],
      ['{"where":["$where","a",1]}', /\/where\/0: There is no operator/],
      ['{"where":["eq","a"]}', /a path and a value/],
      ['{"where":["gt","a",null]}', /\/where\/2: Only numbers and texts/],
      ['{"where":["in","a",1]}', /must be a list/],
      ['{"where":["exists","a",1]}', /true or false/],
      ['{"where":["eq","a",1e400]}', /not a number/],
      ['{"where":["not"]}', /one condition/],
      [`{"where":["in","a",[${Array(101).fill(1)}]]}`, /\/where\/2: .*100 values/],
      [`{"where":["or",${Array(17).fill('["eq","a",1]')}]}`, /16 conditions/],
      ['{"where":["not",["not",["not",["not",["not",["eq","a",1]]]]]]}', /5 levels/],
      ['{"limit":0}', /\/limit: /],
      ['{"limit":"1"}', /\/limit: /],
      ['{"sort":"a"}', /\/sort: /],
      ['{"sort":[{"path":"a","$x":1}]}', /\/sort\/0: /],
      ['{"fields":[1]}', /\/fields\/0: /],
      ['{"after":1}', /\/after: /],
    ] as const
    for (const [body, why] of bodies) assert.match(refusedBody(body), why, body)
  })
})
