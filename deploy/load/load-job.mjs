// The load itself: asks the service for a bounded time and prints one line of JSON per second. Plain JavaScript
// without imports beyond Node's own, because it runs in the application's image, which has no compiler.
import http from 'node:http'
import { env, exit, stdout } from 'node:process'

const target = new URL(env.TARGET ?? 'http://app-service:5000')
const seconds = Number(env.SECONDS ?? 180)
const clients = Number(env.CLIENTS ?? 24)
/** Requests a second of all clients together; 0 is as fast as they are answered. */
const rate = Number(env.RATE ?? 0)
/** Requests that a client sends over one connection. 1 is without keep-alive. A Service balances
 * connections, not requests: clients that never reconnect would leave new pods idle. */
const perConnection = Number(env.PER_CONNECTION ?? 100)
/** The date, which costs the application's CPU and nothing of the database: it is the application that
 * is scaled, and a slow database would keep its CPU low. */
const paths = (env.PATHS ?? '/').split(',')
/** A JSON document to POST instead of GET: the bench measures both. */
const body = env.BODY
const method = body ? 'POST' : 'GET'
const headers = {
  ...(env.API_TOKEN && { Authorization: `Bearer ${env.API_TOKEN.trim()}` }),
  ...(body && { 'Content-Type': 'application/json' }),
}
const patience = 10_000 // ms; a slower answer is a failure

let latencies = []
let failures = 0
let total = 0
let allFailures = 0
const reasons = new Map()
let examples = []
const finish = performance.now() + seconds * 1000

function failed(reason, ms) {
  failures++
  allFailures++
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  // Enough to find the cause of a few; a flood of them is only counted.
  if (examples.length < 5) examples.push(`${reason} after ${Math.round(ms)} ms`)
}

function once(agent, path) {
  return new Promise((resolve) => {
    const began = performance.now()
    let settled = false
    const settle = (reason) => {
      if (settled) return
      settled = true
      total++
      const ms = performance.now() - began
      if (reason === undefined) latencies.push(ms)
      else failed(reason, ms)
      resolve()
    }
    const options = { agent, host: target.hostname, port: target.port || 80, method, path, headers }
    const request = http.request({ ...options, timeout: patience }, (response) => {
      response.resume()
      response.on('end', () =>
        settle(response.statusCode < 400 ? undefined : `HTTP ${response.statusCode}`),
      )
      response.on('error', (error) => settle(`${error.code ?? error.message} in an answer`))
    })
    request.on('timeout', () => request.destroy(new Error(`no answer in ${patience} ms`)))
    request.on('error', (error) => {
      const kept = request.reusedSocket ? ' on a kept connection' : ''
      settle(`${error.code ?? error.message}${kept}`)
    })
    request.end(body)
  })
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function client(number) {
  const interval = rate > 0 ? (clients * 1000) / rate : 0
  // Spread over the interval, or all clients would ask in the same millisecond.
  let due = performance.now() + (interval * number) / clients
  for (let sent = 0; performance.now() < finish; ) {
    const agent = new http.Agent({ keepAlive: perConnection > 1, maxSockets: 1 })
    for (let turn = 0; turn < perConnection && performance.now() < finish; turn++, sent++) {
      if (interval > 0) {
        const early = due - performance.now()
        if (early > 0) await pause(early)
        due = Math.max(due + interval, performance.now() - interval)
      }
      await once(agent, paths[(sent + number) % paths.length])
    }
    agent.destroy()
  }
}

const at = (sorted, share) => {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? null : Math.round(value * 10) / 10
}

function report() {
  const sorted = latencies.sort((a, b) => a - b)
  latencies = []
  const line = {
    time: new Date().toISOString(),
    requests: sorted.length + failures,
    failures,
    p50: at(sorted, 0.5),
    p95: at(sorted, 0.95),
    p99: at(sorted, 0.99),
    ...(examples.length > 0 && { examples }),
  }
  failures = 0
  examples = []
  stdout.write(`${JSON.stringify(line)}\n`)
}

// A pod that has just started is refused its first connections until its network policy is in place.
for (let tries = 0; tries < 60; tries++) {
  const answered = await fetch(new URL('/livez', target), {
    signal: AbortSignal.timeout(2000),
  }).then(
    (response) => response.ok,
    () => false,
  )
  if (answered) break
  await pause(500)
}
const timer = setInterval(report, 1000)
process.on('SIGTERM', () => {
  report()
  exit(0)
})
await Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
clearInterval(timer)
report()
stdout.write(
  `${JSON.stringify({ done: true, total, failures: allFailures, reasons: Object.fromEntries(reasons) })}\n`,
)
