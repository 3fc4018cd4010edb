// The runbook's question about the version of MongoDB's files, put to a server.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { MongoClient } from 'mongodb'
import { blocksOf } from '../../support/docs/markdown.ts'
import { type Mongod, noMongod, startMongod } from '../../support/mongod.ts'

describe('the upgrade of MongoDB', { skip: noMongod() ?? false }, () => {
  let mongod: Mongod
  before(async () => {
    mongod = await startMongod()
  })
  after(() => mongod.remove())

  it('begins with a question that the server answers with the number of its own release', async () => {
    const text = blocksOf('docs/operations.md')
      .map((block) => block.text)
      .join('\n')
    // As the shell of the pod hands it to mongosh.
    const [, words = ''] = /adminCommand\\\(\\\{(getParameter[^\\]*)/.exec(text) ?? []
    const command = Object.fromEntries(
      words.split(',').map((pair) => [pair.split(':')[0], Number(pair.split(':')[1])]),
    )
    const client = await new MongoClient(mongod.uri).connect()
    try {
      const admin = client.db('admin')
      const { featureCompatibilityVersion } = await admin.command(command)
      const { versionArray } = await admin.command({ buildInfo: 1 })
      assert.equal(featureCompatibilityVersion.version, versionArray.slice(0, 2).join('.'))
    } finally {
      await client.close()
    }
  })
})
