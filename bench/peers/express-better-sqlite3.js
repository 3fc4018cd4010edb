// Express 5 with better-sqlite3: JSON as text, WAL as its guide recommends, durable as ours is.
import Database from 'better-sqlite3'
import express from 'express'

const db = new Database(process.env.DATA_FILE)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec('CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, json TEXT NOT NULL)')
const insert = db.prepare('INSERT INTO documents (json) VALUES (?)')
const insertMany = db.transaction((items) =>
  items.map((item) => String(insert.run(JSON.stringify(item)).lastInsertRowid)),
)
const one = db.prepare('SELECT id, json FROM documents WHERE id = ?')
const all = db.prepare('SELECT id, json FROM documents ORDER BY id')
const fromRow = ({ id, json }) => ({ _id: String(id), ...JSON.parse(json) })

const app = express()
app.use(express.json({ limit: '32mb' }))

app.get('/', (_request, response) => {
  response.type('text/plain').send(`${new Date().toISOString()}\n`)
})

app.get('/data', (request, response) => {
  const conditions = Object.entries(request.query)
  const items = all.all().map(fromRow)
  response.json(
    items.filter((item) => conditions.every(([name, value]) => String(item[name]) === value)),
  )
})

app.get('/data/:id', (request, response) => {
  const row = one.get(request.params.id)
  if (!row) return response.sendStatus(404)
  response.json(fromRow(row))
})

app.post('/data', (request, response) => {
  if (Array.isArray(request.body)) {
    const ids = insertMany(request.body)
    response.status(201).json({ inserted: ids.length, ids })
    return
  }
  const { lastInsertRowid } = insert.run(JSON.stringify(request.body))
  response.status(201).json({ status: 'Data inserted', _id: String(lastInsertRowid) })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
