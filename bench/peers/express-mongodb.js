// Express 5 with the MongoDB driver, as the guides of both have it.
import express from 'express'
import { MongoClient, ObjectId } from 'mongodb'

const documents = new MongoClient(process.env.MONGODB_URI).db().collection('documents')
const app = express()
app.use(express.json({ limit: '32mb' }))

app.get('/', (_request, response) => {
  response.type('text/plain').send(`${new Date().toISOString()}\n`)
})

app.get('/data', async (_request, response) => {
  response.json(await documents.find().toArray())
})

app.get('/data/:id', async (request, response) => {
  const document = await documents.findOne({ _id: new ObjectId(request.params.id) })
  if (!document) return response.sendStatus(404)
  response.json(document)
})

app.post('/data', async (request, response) => {
  if (Array.isArray(request.body)) {
    const { insertedCount, insertedIds } = await documents.insertMany(request.body)
    response.status(201).json({ inserted: insertedCount, ids: Object.values(insertedIds) })
    return
  }
  const { insertedId } = await documents.insertOne(request.body)
  response.status(201).json({ status: 'Data inserted', _id: insertedId })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
