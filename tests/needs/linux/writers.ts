// 64 writers, four kinds of them, and the ledger of what the service acknowledged to each.
import assert from 'node:assert/strict'
import { type KeepAlive, keepAlive } from './keep-alive.ts'
import { assertWhole, createLedger, documentOf, type Ledger } from './ledger.ts'

export interface Writers {
  readonly ledger: Ledger
  /** Requests that were cut by a kill, so far. */
  readonly cut: number
  /** Writes until the service ends. */
  writeUntilCut(port: number): Promise<void>
  /** What each writer wrote last is there, and what was cut is repeated if that is safe. */
  settle(port: number): Promise<void>
}

interface Writer {
  readonly kind: 'own id' | 'assigned' | 'array' | 'replace'
  readonly name: string
  count: number
  /** A key and _id that were acknowledged last. */
  last?: { key: string; id: string }
  /** The body that got no answer. */
  open?: { body: string; key: string }
}

const kinds = ['own id', 'assigned', 'array', 'replace'] as const
const ignoreDuplicates = 'Prefer: resolution=ignore-duplicates\r\n'

/** Makes the writers. Each writes documents that follow from their keys. */
export function createWriters(count = 64): Writers {
  const ledger = createLedger()
  let cut = 0
  const writers = Array.from({ length: count }, (_, index): Writer => {
    const kind = kinds[index % kinds.length] ?? 'own id'
    return { kind, name: `${kind.replace(' ', '-')}-${index}`, count: 0 }
  })
  const acknowledge = (writer: Writer, key: string, id: string) => {
    ledger.acknowledge(key, id)
    writer.last = { key, id }
  }

  const post = async (api: KeepAlive, writer: Writer) => {
    const key = `${writer.name}-${writer.count++}`
    const own = writer.kind === 'own id'
    const body = JSON.stringify({ ...(own ? { _id: key } : {}), ...documentOf(key) })
    if (own) writer.open = { body, key }
    const { status, text } = await api.send('POST', '/data', body)
    assert.equal(status, 201, text)
    delete writer.open
    acknowledge(writer, key, String(JSON.parse(text)._id))
  }
  const postArray = async (api: KeepAlive, writer: Writer) => {
    const keys = [0, 1, 2].map(() => `${writer.name}-${writer.count++}`)
    const { status, text } = await api.send('POST', '/data', JSON.stringify(keys.map(documentOf)))
    assert.equal(status, 201, text)
    const { ids } = JSON.parse(text)
    keys.forEach((key, index) => {
      acknowledge(writer, key, String(ids[index]))
    })
  }
  // One document over and over: it must never be older than the newest that was acknowledged.
  const replace = async (api: KeepAlive, writer: Writer) => {
    const version = writer.count + 1
    const key = `${writer.name} version ${version}`
    const path = `/data/${writer.name}`
    const { status, text } = await api.send('PUT', path, JSON.stringify(documentOf(key)))
    assert.ok(status === 200 || status === 201, text)
    writer.count = version
  }
  const write = { 'own id': post, assigned: post, array: postArray, replace }

  const run = async (port: number, writer: Writer) => {
    const api = await keepAlive(port).catch(() => undefined)
    if (!api) return
    for (;;) {
      try {
        await write[writer.kind](api, writer)
      } catch (error) {
        api.close()
        if (error instanceof assert.AssertionError) throw error
        cut++
        return
      }
    }
  }

  return {
    ledger,
    get cut() {
      return cut
    },
    writeUntilCut: async (port) => {
      await Promise.all(writers.map((writer) => run(port, writer)))
    },
    settle: async (port) => {
      const api = await keepAlive(port)
      for (const writer of writers) {
        const { open, last, name } = writer
        if (open) {
          const { status, text } = await api.send('POST', '/data', open.body, ignoreDuplicates)
          assert.ok(status === 201 || status === 200, text)
          acknowledge(writer, open.key, open.key)
          delete writer.open
        }
        if (last) {
          const { status, text } = await api.send('GET', `/data/${last.id}`)
          assert.equal(status, 200, `${last.key} is missing`)
          assert.equal(assertWhole(JSON.parse(text), last.id).key, last.key)
        }
        if (writer.kind !== 'replace' || writer.count === 0) continue
        const { status, text } = await api.send('GET', `/data/${name}`)
        assert.equal(status, 200, `${name} is missing`)
        const version = Number(assertWhole(JSON.parse(text), name).key.split(' ').at(-1))
        assert.ok(version === writer.count || version === writer.count + 1, `${name}: ${version}`)
        writer.count = version
      }
      api.close()
    },
  }
}
