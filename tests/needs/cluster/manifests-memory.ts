// The memory limit is reached by the budget for bodies before it is reached by the kernel.
import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { test } from 'node:test'
import { kubectl, serviceUrl } from './cluster.ts'
import { request } from './manifests-system.ts'

interface Flood {
  what: string
  clients: number
  body: string
}

/** What floods: the most that one document may be, and large bodies of very many small values. */
const floods: Flood[] = [
  {
    what: 'documents of almost 16 MiB',
    clients: 20,
    body: `{"s":"${'x'.repeat(15.9 * 2 ** 20)}"}`,
  },
  {
    what: 'arrays of 30 MiB without a document',
    clients: 8,
    body: `[1${',1'.repeat(15 * 2 ** 20)}]`,
  },
  {
    what: 'arrays of 30 MiB of the smallest documents',
    clients: 2,
    body: `[{"a":1}${',{"a":1}'.repeat(3_900_000)}]`,
  },
  {
    what: 'arrays of as many small documents as there may be',
    clients: 8,
    body: `[{"a":1}${',{"a":1}'.repeat(99_999)}]`,
  },
  {
    what: 'documents of 30 MiB of the smallest numbers',
    clients: 8,
    body: `{"a":[1${',1'.repeat(15 * 2 ** 20)}]}`,
  },
]
const milliseconds = 8000

/** One request on a connection of its own; the answer is its status, or the error's code. */
const post = (url: string, body: Buffer): Promise<string> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const posting = httpRequest(`${url}/data`, { method: 'POST', agent: false, headers })
    posting.on('response', (response) => {
      response.resume().on('end', () => resolve(`${response.statusCode}`))
      response.on('error', () => resolve('cut'))
    })
    posting.on('error', (error) => resolve('code' in error ? `${error.code}` : error.message))
    posting.setTimeout(60_000, () => posting.destroy(new Error('no answer')))
    posting.end(body)
  })

/** Restarts by pod; a pod that the kernel killed has one more. */
async function restarts(): Promise<Record<string, number>> {
  const selector = 'app.kubernetes.io/part-of=data-service'
  const pods = JSON.parse(await kubectl('get', 'pods', '-n', 'mongo', '-l', selector, '-o', 'json'))
  const counted: Record<string, number> = {}
  for (const { metadata, status } of pods.items) {
    counted[metadata.name] = status.containerStatuses?.[0]?.restartCount ?? 0
  }
  return counted
}

export function memoryIsBounded(): void {
  for (const { what, clients, body } of floods) {
    const name = `at the memory limit the application answers 503 and is not killed: ${what}`
    test(name, async (t) => {
      const url = await serviceUrl('mongo', 'app-service')
      const before = await restarts()
      const bytes = Buffer.from(body)
      const counts: Record<string, number> = {}
      const end = Date.now() + milliseconds
      const flood = async () => {
        while (Date.now() < end) {
          const answer = await post(url, bytes)
          counts[answer] = (counts[answer] ?? 0) + 1
        }
      }
      await Promise.all(Array.from({ length: clients }, flood))
      t.diagnostic(JSON.stringify(counts))

      const after = await restarts()
      for (const [pod, count] of Object.entries(before)) {
        // The autoscaler may have taken a pod away; it never restarts one.
        assert.equal(after[pod] ?? count, count, `${pod} was restarted: ${JSON.stringify(counts)}`)
      }
      const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
      const answered = ['201', '413', '422', '503'].reduce((sum, s) => sum + (counts[s] ?? 0), 0)
      const refused = ['413', '422', '503'].reduce((sum, s) => sum + (counts[s] ?? 0), 0)
      assert.ok(refused > 0, 'no limit was reached')
      // A client that still sends when it is refused may see its connection end.
      assert.ok(answered > all * 0.9, JSON.stringify(counts))
      assert.notEqual(await request('/', 200), '')
    })
  }
}
