// The load of bench/pods.ts: GET / and then POST /data from inside the cluster, one JSON line for each.
// Plain JavaScript on Node's own modules: it runs in the application's image, which has no compiler.
import http from 'node:http'
import { env, stdout } from 'node:process'

const target = new URL(env.TARGET ?? '')
const clients = Number(env.CLIENTS)
const warmUp = 2
/** SECONDS are those of both series with their warm-up. */
const window = Number(env.SECONDS) / 2 - warmUp
/** A Service balances connections: a client that kept its own would leave new pods idle. */
const perConnection = 100
const patience = 10_000 // ms; a slower answer is a failure
const document = JSON.stringify({ name: 'Ada Lovelace', bio: 'x'.repeat(992) })

let latencies = []
let failures = 0

const once = (agent, method) =>
  new Promise((resolve) => {
    const began = performance.now()
    const { hostname: host, port } = target
    const path = method === 'POST' ? '/data' : '/'
    const headers = method === 'POST' ? { 'Content-Type': 'application/json' } : {}
    let settled = false
    const done = (good) => {
      if (settled) return
      settled = true
      if (good) latencies.push(performance.now() - began)
      else failures++
      resolve()
    }
    const options = { agent, host, port, method, path, headers, timeout: patience }
    const request = http.request(options, (response) => {
      response.on('end', () => done(response.statusCode < 400)).on('error', () => done(false))
      response.resume()
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', () => done(false))
    request.end(method === 'POST' ? document : undefined)
  })

async function load(method, seconds) {
  latencies = []
  failures = 0
  const before = process.cpuUsage()
  const began = performance.now()
  const finish = began + seconds * 1000
  await Promise.all(
    Array.from({ length: clients }, async (_, number) => {
      // Not all at the same request, or all would reconnect in the same millisecond.
      for (let left = 1 + (number % perConnection); performance.now() < finish; ) {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
        for (; left > 0 && performance.now() < finish; left--) await once(agent, method)
        agent.destroy()
        left = perConnection
      }
    }),
  )
  const took = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(before)
  const sorted = latencies.sort((left, right) => left - right)
  const at = (share) => sorted[Math.floor(sorted.length * share)] ?? 0
  return {
    ...{ rate: sorted.length / took, p50: at(0.5), p99: at(0.99), failed: failures },
    load: (user + system) / 1e6 / took,
  }
}

// A pod that has just started is refused its first connections until its network policy is in place.
for (let tries = 0; tries < 60; tries++) {
  const good = await fetch(new URL('/livez', target)).then(
    ({ ok }) => ok,
    () => false,
  )
  if (good) break
  await new Promise((resolve) => setTimeout(resolve, 500))
}
for (const method of ['GET', 'POST']) {
  await load(method, warmUp)
  stdout.write(`${JSON.stringify({ method, began: true })}\n`)
  stdout.write(`${JSON.stringify({ method, ...(await load(method, window)) })}\n`)
}
