// Requests of the bench itself: loading documents, looking at what came of them.
import { createReadStream } from 'node:fs'
import { request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

const send = (url: string, method: string, type?: string, body?: string | { file: string }) =>
  new Promise<Answer>((resolve, reject) => {
    const headers = type === undefined ? {} : { 'Content-Type': type }
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
      )
    })
    outgoing.on('error', reject)
    if (typeof body === 'object') createReadStream(body.file).pipe(outgoing)
    else outgoing.end(body)
  })

/** GET, on a connection of its own. */
export const get = (url: string): Promise<Answer> => send(url, 'GET')

/** POST of a text, or of a file as it is read. */
export const post = (url: string, type: string, body: string | { file: string }) =>
  send(url, 'POST', type, body)

/** GET, and every match in the answer, which is never in memory whole. No match may be over 100 characters. */
export async function* scan(url: string, pattern: RegExp): AsyncGenerator<RegExpExecArray> {
  const response = await fetch(url)
  if (!response.ok || !response.body) throw new Error(`GET ${url} answered ${response.status}`)
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    let end = Math.max(0, text.length - 100)
    for (const match of text.matchAll(pattern)) {
      yield match
      end = Math.max(end, match.index + match[0].length)
    }
    text = text.slice(end)
  }
}
