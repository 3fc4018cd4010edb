// How many lists are asked of a server at once that is slow to find a page.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { runService } from '../../support/running-service.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()
const delay = 80

/** A proxy that holds each reply to a sorted find for 80 ms, and knows how many were under way at once. */
async function startSlowSorts(uri: string) {
  const slow = new URL(uri)
  let underWay = 0
  let most = 0
  const proxy = await startTcpProxy(Number(slow.port), (client, service) => {
    let isSorted = false
    client.on('data', (chunk: Buffer) => {
      isSorted = chunk.includes('sort\0')
      if (isSorted) most = Math.max(most, ++underWay)
      service.write(chunk)
    })
    service.on('data', (chunk: Buffer) => {
      const wait = isSorted ? delay : 0
      isSorted = false
      setTimeout(() => {
        if (wait > 0) underWay--
        client.write(chunk)
      }, wait)
    })
  })
  slow.port = String(proxy.port)
  return {
    uri: slow.href,
    /** The most at once since the last call. */
    mostAtOnce() {
      const seen = most
      most = underWay
      return seen
    },
    close: proxy.close,
  }
}

describe('pages of a server that is slow to find them', { timeout: 60_000 }, () => {
  it('are asked for one after the other, their documents too', async () => {
    const finds = await startSlowSorts(server.uri)
    const store = openMongoStore({ uri: finds.uri, database: 'test_pages', collection: 'pages' })
    const service = await runService(store)
    const { base } = service.client
    const ask = async (path: string) => {
      const response = await fetch(base + path)
      assert.equal(response.status, 200)
      return response.json()
    }
    try {
      for (const _id of ['a', 'b', 'c']) {
        await fetch(`${base}/data/${_id}`, {
          method: 'PUT',
          body: '{}',
          headers: { 'Content-Type': 'application/json' },
        })
      }
      await ask('/data?limit=2')
      finds.mostAtOnce()
      const pages = await Promise.all(Array.from({ length: 4 }, () => ask('/data?limit=2')))
      assert.deepEqual(pages, Array(4).fill([{ _id: 'a' }, { _id: 'b' }]))
      assert.equal(finds.mostAtOnce(), 1)
    } finally {
      await service.close()
      await finds.close()
    }
  })
})
