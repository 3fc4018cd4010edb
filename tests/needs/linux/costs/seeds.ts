// What attacked stores hold beforehand: documents as large as they can be, and long lists.
import assert from 'node:assert/strict'
import type { Client } from '../../../support/client.ts'
import { filled, joined, MiB } from './requests.ts'

/** Puts a document at the address. */
export async function put(api: Client, id: string, document: Uint8Array | string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const { status, text } = await api.send('PUT', `/data/${id}`, { body: document, headers })
  assert.equal(status, 201, text)
}

/** Three documents of 16 MiB, less what their keys and BSON's lengths take. */
export async function seedLarge(api: Client): Promise<void> {
  for (const id of ['large', 'large2', 'large3']) {
    await put(api, id, joined('{"s":"', filled('x', 16 * MiB - 200), '"}'))
  }
}

/** 200 documents with an array of 12,000 texts each, 12 MB. */
export async function seedArrays(api: Client): Promise<void> {
  const lines = `{"a":[${'"va",'.repeat(12_000)}0]}\n`.repeat(200)
  const { status, text } = await api.post(lines, { 'content-type': 'application/x-ndjson' })
  assert.equal(status, 201, text)
}

/** Eight documents of one text of 900 kB, all of one letter. */
export async function seedTexts(api: Client): Promise<void> {
  for (let n = 0; n < 8; n++) await put(api, `t${n}`, joined('{"a":"', filled('a', 900_000), '"}'))
}

/** 20,000 documents, 19 MB. */
export async function seedList(api: Client): Promise<void> {
  const lines = `${JSON.stringify({ text: 'x'.repeat(900) })}\n`.repeat(20_000)
  const { status, text } = await api.post(lines, { 'content-type': 'application/x-ndjson' })
  assert.equal(status, 201, text)
}
