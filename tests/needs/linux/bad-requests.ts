// Arbitrary bytes for a socket: HTTP/1.1 requests, mostly wrong in one way or another.
import fc from 'fast-check'
import { badBody, bytesOf, marker } from './bad-bodies.ts'

const repeated = (text: string) =>
  fc.constantFrom(2, 20, 50, 100, 40_000).map((times) => text.repeat(times))

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'PUT', 'DELETE') },
  { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PRI') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'get',
      '',
      'GE\x00T',
      'POST POST',
      'G\xffT',
      'X'.repeat(9_000),
      '{}',
    ),
  },
)

const target = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      '/',
      '/data?limit=3',
      '/data',
      '/data/a',
      '/data/b',
      `/data/${marker}`,
      '/metrics',
      '/readyz?verbose',
      '/openapi.json',
      '/page/newest',
      '/page/documents',
      '/page/documents/a',
      '/page/removals/a',
      '/data/%7B%22$ne%22:null%7D',
      '/data/__proto__',
      '/data?limit=3&after[$ne]=1',
      '/data?after=%7B%22$gt%22%3A%22%22%7D&limit=2',
      '/data?__proto__[x]=1',
      '/data/constructor',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '*',
      '',
      'data',
      '//data',
      '/data/',
      '/data/%00',
      '/data/\x00',
      '/data/%ff',
      '/data/%zz',
      '/data/%ed%a0%80',
      '/data/\xff',
      '/..%2f..%2fetc',
      '/data/..',
      'http://x/data?limit=1',
      'http://',
      'https://user:p@x:99999/data?limit=1',
      'x:443',
      'javascript:1',
      '/data#a',
      '?',
      '/data?limit=99999999999999999999',
      '/data?limit=%00',
      '/data?limit=1&limit=2',
      '/\t/data',
      '/data/%c0%af',
      '/data/%c0%ae%c0%ae',
      '/data/%e0%80%80',
      '/data/%f4%90%80%80',
      '/data/%2e',
      '/%64ata',
      '/./data',
      '/x/../data/a',
      '/data/a%2fb',
      '/data//a',
      '/data;x=1',
      '/data\\a',
      'HTTP://x/data/a',
      '//x/data',
      '/data/a?#',
      '/data?limit',
      '/data?&&=&=',
      '/data?after=%ff',
      '/data?%ff=1',
      '/data?after=',
      '/data?limit=1&after=%ed%a0%80',
      '/data?limit=3;after=a',
    ),
  },
  { weight: 1, arbitrary: repeated(`a=${marker}&`).map((query) => `/data?${query}`) },
  { weight: 1, arbitrary: repeated('%41').map((id) => `/data/${id}`) },
)

// Half of all begin in a way that leads to a handler; the rest need not even fit together.
const start = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'POST /data',
      'POST /data',
      'POST /data',
      'PUT /data/a',
      'PUT /data/$ne',
      'DELETE /data/b',
      'GET /data/a',
      'GET /data?limit=9',
      'POST /page/documents',
      'POST /page/documents/a',
    ),
  },
  { weight: 2, arbitrary: fc.tuple(method, target).map((words) => words.join(' ')) },
)

const version = fc.oneof(
  { weight: 30, arbitrary: fc.constant('HTTP/1.1') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', '', 'http/1.1', 'X'),
  },
)

const types = ['application/json', 'application/x-ndjson', 'application/x-www-form-urlencoded']
const contentType = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...types, types[0] ?? '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/json;charset="utf-8"',
      '',
      'multipart/form-data; boundary=x',
      'a/b/c',
      ';',
      'application/json; charset',
      'application/json;;charset=UTF-8;charset=x',
      'application/json;charset="',
      'APPLICATION/JSON',
      `application/json;x=${'y'.repeat(9_000)}`,
    ),
  },
)

const oddHeader = fc.oneof(
  fc.constantFrom(
    'Host: x\r\nHost: y',
    'Host:',
    'Content-Encoding: gzip',
    'Content-Encoding: identity, br',
    'Expect: 100-continue',
    'Expect: 200-ok',
    'Connection: upgrade\r\nUpgrade: h2c',
    'Connection: Upgrade\r\nUpgrade: websocket',
    'Connection: close',
    'Connection: x, \x01',
    'Accept: */*;q=0',
    'Accept: ',
    'Accept: application/x-ndjson',
    'Accept: text/html;q=x,',
    'X-Request-Id: \x7f',
    'X-Request-Id: <script>',
    `X-Request-Id: ${'r'.repeat(999)}`,
    'Prefer: resolution=ignore-duplicates',
    'Prefer: ,,;=',
    'If-Match: "x',
    'If-Match: *',
    'If-None-Match: *',
    'If-None-Match: W/"x", "y"',
    'Range: bytes=0-',
    'Cookie: $ne=1',
    ' Folded: x',
    'No colon',
    'Space : x',
    'Nul: a\x00b',
    'Utf: \xff\xc0',
    ': empty',
    'Cr: a\rb',
    'Idempotency-Key: k',
    'Idempotency-Key: ',
    'Idempotency-Key: "',
    'Idempotency-Key: "a\\x"',
    'Idempotency-Key: a\r\nIdempotency-Key: b',
    `Idempotency-Key: ${'k'.repeat(256)}`,
    'Idempotency-Key: "a";b=1',
    'Idempotency-Key: \xff',
    'Idempotency-Key: __proto__',
    'Prefer: resolution="ignore-duplicates"; x',
    'Prefer: a\r\nPrefer: resolution=merge',
    'Prefer: __proto__=1',
    `Prefer: ${'a,'.repeat(3_000)}`,
    `If-Match: ${'"x",'.repeat(2_000)}`,
    'If-Match: ',
    'If-Match: W/"x"',
    'If-Match: "a\r\nIf-Match: *',
    'If-None-Match: "a\x00"',
    'If-None-Match: *, "x"',
    `If-None-Match: ${'W/'.repeat(4_000)}`,
    'Authorization: Bearer',
    'Expect: ',
    'Expect: 100-continue, 100-continue',
    'Expect: 100-CONTINUE',
    'Expect: \xff',
    'Transfer-Encoding: \x00chunked',
    'Transfer-Encoding: chunked;q=1',
    'Transfer-Encoding:',
    'Trailer: Content-Length',
    'Content-Encoding: ',
    'Upgrade: HTTP/2.0',
    'HTTP2-Settings: AA',
    'Connection: close, keep-alive',
    'Connection: content-length',
    'Keep-Alive: timeout=-1',
    'Content-Type: a/b',
    'Host: x:y',
    'Host: @',
    'Accept: */*;q=NaN',
    'Forwarded: for=$ne',
    'Sec-Fetch-Site: cross-site',
    'Origin: null',
    'X-HTTP-Method-Override: DELETE',
    'TE: x',
  ),
  repeated('h').map((name) => `${name}: x`),
  repeated('v').map((value) => `X: ${value}`),
  fc.constantFrom(10, 100, 3_000).map((count) => `${'X: y\r\n'.repeat(count)}Z: z`),
)

type Framing = (body: string) => { headers: string[]; sent: string }
const plain: Framing = (body) => ({ headers: [`Content-Length: ${body.length}`], sent: body })
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const chunked = (body: string) => {
  const middle = body.length >> 1
  return [body.slice(0, middle), body.slice(middle)].filter(Boolean).map(chunk).join('')
}
const withHeaders =
  (...headers: string[]): Framing =>
  (body) => ({ headers, sent: body })
const withChunks =
  (change: (chunks: string) => string, ...headers: string[]): Framing =>
  (body) => ({
    headers: headers.length > 0 ? headers : ['Transfer-Encoding: chunked'],
    sent: change(chunked(body)),
  })

const framing: fc.Arbitrary<Framing> = fc.oneof(
  { weight: 20, arbitrary: fc.constant(plain) },
  { weight: 4, arbitrary: fc.constant(withChunks((text) => `${text}0\r\n\r\n`)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...['-1', '+5', '0x10', '1e3', '5, 5', '5 5', '', 'a', '0', '3', '99999999999999999999'].map(
        (length) => withHeaders(`Content-Length: ${length}`),
      ),
      withHeaders('Content-Length: 4', 'Content-Length: 5'),
      withHeaders('Content-Length: 4', 'Content-Length: 4'),
      withHeaders(),
      withChunks((text) => `${text}0\r\n\r\n`, 'Content-Length: 4', 'Transfer-Encoding: chunked'),
      withChunks((text) => `${text}0\r\n\r\n`, 'Transfer-Encoding: chunked', 'Content-Length: 4'),
      ...['gzip, chunked', 'chunked, chunked', 'identity', 'xchunked', ' \tchunked', 'CHUNKED'].map(
        (coding) => withChunks((text) => `${text}0\r\n\r\n`, `Transfer-Encoding: ${coding}`),
      ),
      withChunks((text) => text),
      withChunks((text) => `${text}zz\r\n\r\n`),
      withChunks((text) => `${text}-1\r\n\r\n`),
      withChunks((text) => `${text}FFFFFFFFFFFFFFFF\r\nx`),
      withChunks((text) => `${text}0;${'e'.repeat(20_000)}\r\n\r\n`),
      withChunks((text) => `${text}0\r\nTrailer: ${marker}\r\n\r\n`),
      withChunks((text) => `${text.replaceAll('\r\n', '\n')}0\n\n`),
      withChunks((text) => `${text}1\r\nxx\r\n0\r\n\r\n`),
    ),
  },
)

const request = fc
  .record({
    start,
    version,
    host: fc.oneof(
      { weight: 20, arbitrary: fc.constant(['Host: x']) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
    contentType: contentType.map((type) => `Content-Type: ${type}`),
    odd: fc.oneof(fc.constant([]), fc.array(oddHeader, { minLength: 1, maxLength: 2 })),
    framing,
    body: badBody,
    lineEnd: fc.oneof(
      { weight: 30, arbitrary: fc.constant('\r\n') },
      { weight: 1, arbitrary: fc.constantFrom('\n', '\r') },
    ),
  })
  .map((parts) => {
    const { headers, sent } = parts.framing(parts.body)
    const line = `${bytesOf(parts.start)} ${parts.version}`
    const head = [line, ...parts.host, parts.contentType, ...headers, ...parts.odd]
    return `${head.join(parts.lineEnd)}${parts.lineEnd}${parts.lineEnd}${sent}`
  })

// One byte or a piece is changed, doubled, cut out or put in, anywhere.
const mutation = fc.record({
  at: fc.nat(),
  cut: fc.constantFrom(0, 0, 1, 1, 7),
  put: fc.constantFrom('', '\x00', '\r\n', '\r\n\r\n', ' ', ':', '\xff', '0', '{', 'chunked', '\n'),
})

/** One to three requests in a row, one character per byte. */
export const badRequests: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 3 }),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 3 }) },
    ),
  )
  .map(([requests, mutations]) =>
    mutations.reduce((text, { at, cut, put }) => {
      // Mostly in the head: that is where a byte makes a difference.
      const place = at % Math.min(text.length + 1, 400)
      return text.slice(0, place) + put + text.slice(place + cut)
    }, requests.join('')),
  )
