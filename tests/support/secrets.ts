// Everything that a service says of itself, to look for secrets in.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { client } from './client.ts'
import type { ServiceProcess } from './service-process.ts'

/**
 * Asks the service everything there is, with the token, without it and with a wrong one; ends it; and
 * returns its answers with their headers, its log, its standard error and the arguments of its process.
 */
export async function everythingSaid(service: ServiceProcess, token: string): Promise<string> {
  const { send } = client(service.base)
  const json = { 'content-type': 'application/json', accept: 'text/html, */*;q=0.5' }
  // biome-ignore format: by kind, some in a line
  const requests = [
    'GET /', 'GET /data', 'GET /data/x', 'GET /livez?verbose', 'GET /readyz?verbose',
    'GET /metrics', 'GET /openapi.json', 'GET /page/newest', 'GET /nowhere', 'POST /data',
    'PUT /data/x', 'DELETE /data/x', 'OPTIONS /data',
  ]
  const ask = async (line: string, authorization: string) => {
    const headers = authorization === '' ? json : { ...json, authorization }
    const [method = '', path = ''] = line.split(' ')
    const body = method === 'POST' || method === 'PUT' ? { body: '{"a":1}' } : {}
    const answer = await send(method, path, { headers, ...body })
    const fields = [...answer.headers].map(([name, value]) => `${name}: ${value}`)
    return [`${line} ${answer.status}`, ...fields, answer.text]
  }
  // Together: while the database is away each of them waits for it.
  const credentials = [`Bearer ${token}`, 'Bearer another', '']
  const answers = await Promise.all(
    credentials.flatMap((authorization) => requests.map((line) => ask(line, authorization))),
  )
  const said = answers.flat()
  const commandLine = `/proc/${service.child.pid}/cmdline`
  if (existsSync(commandLine)) {
    const text = readFileSync(commandLine, 'utf8')
    assert.match(text, /main\.ts/)
    said.push(text)
  }
  service.signal('SIGTERM')
  await service.exited
  return [...said, ...service.lines, ...service.errors].join('\n')
}

/** Fails if one of the secrets is in the text, as it is or in one of the forms that it may take. */
export function expectNone(said: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
    for (const form of [secret, encodeURIComponent(secret), base64, JSON.stringify(secret)]) {
      const at = said.indexOf(form)
      assert.ok(at < 0, `a secret in: ${said.slice(Math.max(at - 200, 0), at)}`)
    }
  }
}
