// Fastify 5 with @fastify/mongodb, as their guides have it: a schema where the answer has a shape.
import mongodb from '@fastify/mongodb'
import Fastify from 'fastify'

const fastify = Fastify({ logger: process.env.REQUEST_LOG === 'true', bodyLimit: 32 << 20 })
await fastify.register(mongodb, { forceClose: true, url: process.env.MONGODB_URI })
const { ObjectId } = fastify.mongo
const documents = fastify.mongo.db.collection('documents')

fastify.get('/', async (_request, reply) => {
  reply.type('text/plain')
  return `${new Date().toISOString()}\n`
})

fastify.get('/data', async () => documents.find().toArray())

fastify.get('/data/:id', async (request, reply) => {
  const document = await documents.findOne({ _id: new ObjectId(request.params.id) })
  return document ?? reply.code(404).send()
})

const text = { type: 'string' }
const inserted = {
  type: 'object',
  properties: {
    status: text,
    _id: text,
    inserted: { type: 'integer' },
    ids: { type: 'array', items: text },
  },
}
fastify.post('/data', { schema: { response: { 201: inserted } } }, async (request, reply) => {
  reply.code(201)
  if (Array.isArray(request.body)) {
    const { insertedCount, insertedIds } = await documents.insertMany(request.body)
    return { inserted: insertedCount, ids: Object.values(insertedIds) }
  }
  const { insertedId } = await documents.insertOne(request.body)
  return { status: 'Data inserted', _id: insertedId }
})

await fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
