// The load test: its program against a server here, its objects, its samples.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { listAt, numberAt, textAt } from '../../deploy/cluster/kubectl.ts'
import { scalingOf } from '../../deploy/commands/wait-autoscaler.ts'
import { loadObjects } from '../../deploy/commands/write-load.ts'
import { formatRow, idle, type LoadSample, readLine } from '../../deploy/load/load-samples.ts'

const program = fileURLToPath(new URL('../../deploy/load/load-job.mjs', import.meta.url))

interface Result {
  lines: unknown[]
  end: unknown
  connections: number
  requests: number
}

async function loadOn(answer: RequestListener, env: Record<string, string>): Promise<Result> {
  let connections = 0
  let requests = 0
  const server = createServer((request, response) => {
    if (request.url === '/livez') return response.end('ok')
    requests++
    answer(request, response)
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const child = spawn(process.execPath, [program], {
    env: { TARGET: `http://127.0.0.1:${port}`, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  server.closeAllConnections()
  server.close()
  const lines = out
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  return { lines, end: lines.at(-1), connections, requests }
}

describe('the load program', { concurrency: 3 }, () => {
  test('keeps the rate it was given, for the time it was given, and counts every request', async () => {
    const { lines, end, requests } = await loadOn((_, response) => response.end('x'), {
      SECONDS: '2',
      CLIENTS: '4',
      RATE: '20',
    })
    assert.equal(numberAt(end, 'total'), requests)
    assert.equal(numberAt(end, 'failures'), 0)
    assert.ok(requests > 30 && requests < 46, `${requests} requests in 2 s at 20 a second`)
    assert.ok((numberAt(lines[0], 'p50') ?? -1) >= 0)
    assert.ok((numberAt(lines[0], 'p99') ?? 0) >= (numberAt(lines[0], 'p50') ?? 1))
  })

  test('with keep-alive uses few connections, and reconnects so that new pods get some', async () => {
    const settings = { SECONDS: '1', CLIENTS: '2', RATE: '100' }
    const answer: RequestListener = (_, response) => response.end('x')
    const kept = await loadOn(answer, { ...settings, PER_CONNECTION: '20' })
    const fresh = await loadOn(answer, { ...settings, PER_CONNECTION: '1' })
    assert.ok(kept.connections < 15, `${kept.connections} connections`)
    assert.ok(fresh.connections >= fresh.requests, `${fresh.connections} connections`)
  })

  test('posts a document if it is given one', async () => {
    const seen = new Set<string>()
    const answer: RequestListener = (request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        seen.add(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`)
        response.end('x')
      })
    }
    const settings = { SECONDS: '1', CLIENTS: '2', RATE: '50', PATHS: '/data', BODY: '{"n":1}' }
    const { end } = await loadOn(answer, settings)
    assert.deepEqual([...seen], ['POST /data application/json {"n":1}'])
    assert.equal(numberAt(end, 'failures'), 0)
  })

  test('counts what fails, and says why', async () => {
    let turn = 0
    const { end, lines } = await loadOn(
      (request, response) => {
        turn++
        if (turn % 3 === 0) request.socket.destroy()
        else if (turn % 3 === 1) {
          response.statusCode = 503
          response.end()
        } else response.end('x')
      },
      { SECONDS: '1', CLIENTS: '1', RATE: '30' },
    )
    assert.ok((numberAt(end, 'failures') ?? 0) > 10)
    assert.match(JSON.stringify(end), /"HTTP 503":\d+/)
    assert.match(JSON.stringify(end), /"ECONNRESET on a kept connection":\d+/)
    assert.match(JSON.stringify(lines), /"examples":\[[^\]]*"HTTP 503 after \d+ ms"/)
  })
})

test('the job passes Pod Security restricted and is bounded in time', () => {
  const source = readFileSync(program, 'utf8')
  const objects = loadObjects({
    image: 'data-service:1',
    program: source,
    seconds: 60,
    clients: 8,
    rate: 0,
  })
  const [policy, map, job] = objects.items
  assert.equal(textAt(map, 'data', 'load-job.mjs'), source)
  assert.equal(numberAt(job, 'spec', 'activeDeadlineSeconds'), 120)
  const pod = ['spec', 'template', 'spec'] as const
  assert.equal(textAt(job, ...pod, 'securityContext', 'seccompProfile', 'type'), 'RuntimeDefault')
  const [container] = listAt(job, ...pod, 'containers')
  assert.deepEqual(listAt(container, 'securityContext', 'capabilities', 'drop'), ['ALL'])
  assert.equal(textAt(container, 'image'), 'data-service:1')
  // Without a way out of its own the namespace's deny-all would stop it.
  assert.deepEqual(listAt(policy, 'spec', 'policyTypes'), ['Egress'])
})

describe('a sample', () => {
  const autoscaler = {
    spec: {
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [{ resource: { target: { averageUtilization: 70 } } }],
    },
    status: {
      currentReplicas: 3,
      currentMetrics: [{ resource: { current: { averageUtilization: 91 } } }],
      conditions: [{ type: 'ScalingActive', status: 'True' }],
    },
  }
  const line =
    '{"time":"2026-11-24T22:00:01.000Z","requests":400,"failures":1,"p50":2,"p95":3,"p99":4}'

  test('joins a second of the load with what the autoscaler sees', () => {
    const sample: LoadSample = {
      time: '2026-11-24T22:00:01.000Z',
      replicas: 3,
      cpu: 91,
      target: 70,
      requests: 400,
      failures: 1,
      p50: 2,
      p95: 3,
      p99: 4,
    }
    assert.deepEqual(readLine(line, scalingOf(autoscaler)), sample)
    assert.match(formatRow(sample), /22:00:01 +3 +91\/70 % +400 +2 +3 +4 +1$/)
  })

  test('has no figure while the autoscaler has none, though its old one is still there', () => {
    const status = {
      ...autoscaler.status,
      conditions: [
        { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'm' },
      ],
    }
    const scaling = scalingOf({ ...autoscaler, status })
    assert.equal(scaling.cpu, undefined)
    assert.equal(scaling.complaint, 'FailedGetResourceMetric: m')
    assert.match(formatRow(idle('2026-11-24T22:00:01.000Z', scaling)), /\?\/70 %/)
  })

  test('is not made from any other line, and the end says why requests failed', () => {
    assert.equal(readLine('Warning: something', undefined), undefined)
    assert.deepEqual(
      readLine('{"done":true,"total":9,"failures":2,"reasons":{"ECONNRESET":2}}', undefined),
      { total: 9, failures: 2, reasons: '{"ECONNRESET":2}' },
    )
  })
})
