// The bare driver: insertMany of the documents of a file of lines, parsed beforehand.
import { readFileSync } from 'node:fs'
import { MongoClient } from 'mongodb'

const [, , file = ''] = process.argv
const documents = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const client = await new MongoClient(process.env.MONGODB_URI).connect()
const collection = client.db().collection('documents')
const before = process.cpuUsage()
const startedAt = performance.now()
const { insertedCount } = await collection.insertMany(documents, { ordered: false })
const seconds = (performance.now() - startedAt) / 1000
const { user, system } = process.cpuUsage(before)
const cpu = (user + system) / 1e6
const peak = process.resourceUsage().maxRSS / 1000
process.stdout.write(`${JSON.stringify({ inserted: insertedCount, seconds, cpu, peak })}\n`)
await client.close()
