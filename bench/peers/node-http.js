// node:http alone with a constant answer: the limit of the platform.
import { createServer } from 'node:http'

createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '24' })
  response.end('2026-11-25 12:00:00 UTC\n')
}).listen(Number(process.env.PORT), '127.0.0.1')
