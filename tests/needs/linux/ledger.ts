// What a service acknowledged, and whether it still has all of it, whole and once.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

export interface Ledger {
  readonly size: number
  /** The document of this key was acknowledged under this _id. */
  acknowledge(key: string, id: string): void
  /** Reads every document of the service. Throws if one is missing, damaged or there twice. */
  check(base: string): Promise<Stored>
}

export interface Stored {
  readonly documents: number
  /** Documents that are there although their writer never had an answer. */
  readonly unanswered: number
}

/** The members of the document with this key: all of it follows from the key. */
export function documentOf(key: string): { key: string; text: string; end: true } {
  let hash = 0
  for (let at = 0; at < key.length; at++) hash = (hash * 31 + key.charCodeAt(at)) >>> 0
  return { key, text: `${key} ä€😀 `.repeat(1 + (hash % 40)), end: true }
}

/** Throws unless the document is whole: all that its key says, and nothing else. */
export function assertWhole(document: unknown, id?: string): { id: string; key: string } {
  assert.ok(typeof document === 'object' && document !== null && 'key' in document)
  const { _id: own, ...rest } = { _id: '', ...document }
  const key = String(document.key)
  assert.deepEqual(rest, documentOf(key))
  if (id !== undefined) assert.equal(own, id)
  return { id: String(own), key }
}

/** Makes an empty ledger. */
export function createLedger(): Ledger {
  const acknowledged = new Map<string, string>()
  return {
    get size() {
      return acknowledged.size
    },
    acknowledge(key, id) {
      assert.equal(acknowledged.get(key) ?? id, id, `${key} was acknowledged under two _ids`)
      acknowledged.set(key, id)
    },
    async check(base) {
      const seen = new Set<string>()
      for await (const document of documentsOf(base)) {
        const { id, key } = assertWhole(document)
        assert.ok(!seen.has(key), `${key} is there twice`)
        assert.equal(acknowledged.get(key) ?? id, id, `${key} has another _id`)
        seen.add(key)
      }
      const missing = [...acknowledged.keys()].filter((key) => !seen.has(key))
      assert.deepEqual(missing, [], 'acknowledged documents are missing')
      return { documents: seen.size, unanswered: seen.size - acknowledged.size }
    },
  }
}

/** Every document of the service, as JSON.parse makes them. */
export async function* documentsOf(base: string): AsyncGenerator<unknown> {
  const response = await fetch(`${base}/data`, { headers: { accept: 'application/x-ndjson' } })
  assert.equal(response.status, 200)
  assert.ok(response.body)
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    if (line !== '') yield JSON.parse(line)
  }
}
