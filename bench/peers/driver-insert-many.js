// The bare driver: insertMany of the documents of a file of lines, parsed beforehand. Once, or again and again.
import { readFileSync } from 'node:fs'
import { MongoClient } from 'mongodb'

const [, , file = '', warmUp = '0', seconds = '0'] = process.argv
const documents = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const client = await new MongoClient(process.env.MONGODB_URI).connect()
const collection = client.db().collection('documents')

async function insertFor(least) {
  const startedAt = performance.now()
  const before = process.cpuUsage()
  const times = []
  for (let now = startedAt; times.length === 0 || now - startedAt < least * 1000; ) {
    // The driver gives each object an _id: the same one cannot be inserted twice.
    await collection.insertMany(
      documents.map((each) => ({ ...each })),
      { ordered: false },
    )
    times.push(performance.now() - now)
    now = performance.now()
  }
  const taken = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(before)
  times.sort((left, right) => left - right)
  return {
    ...{ seconds: taken, requests: times.length * documents.length, cpu: (user + system) / 1e6 },
    ...{ p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] },
    peak: process.resourceUsage().maxRSS / 1000,
  }
}

if (Number(warmUp) > 0) await insertFor(Number(warmUp))
process.stdout.write(JSON.stringify(await insertFor(Number(seconds))))
await client.close()
