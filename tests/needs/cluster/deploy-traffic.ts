// Traffic on the application's URL from this machine: the load program of deploy/, and a writer.
import { spawn } from 'node:child_process'
import { request } from 'node:http'
import { execPath } from 'node:process'
import { numberAt } from '../../../deploy/cluster/kubectl.ts'
import { inProject } from './deploy-project.ts'

export interface Traffic {
  requests: number
  failures: number
  seconds: number
  reasons: string
}

/**
 * Starts clients that ask for the paths, with commas between them, at a rate until `stop`. The answer
 * counts every request of all of them.
 */
export function startTraffic(
  url: string,
  rate: number,
  perConnection: number,
  paths = '/,/,/,/data?limit=20',
) {
  const began = Date.now()
  const child = spawn(execPath, [inProject('deploy/load/load-job.mjs')], {
    env: {
      TARGET: url,
      SECONDS: '3600',
      CLIENTS: '16',
      RATE: `${rate}`,
      PER_CONNECTION: `${perConnection}`,
      PATHS: paths,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk))
  const ended = new Promise((resolve) => child.on('close', resolve))
  return {
    stop: async (): Promise<Traffic> => {
      const seconds = (Date.now() - began) / 1000
      child.kill('SIGTERM')
      await ended
      const lines = out.split('\n').filter((line) => line.includes('"requests"'))
      const sum = (name: string) =>
        lines.reduce((total, line) => total + (numberAt(JSON.parse(line), name) ?? 0), 0)
      return {
        requests: sum('requests'),
        failures: sum('failures'),
        seconds,
        reasons: lines.filter((line) => !line.includes('"failures":0')).join('\n'),
      }
    },
  }
}

export interface Answer {
  id: string
  status: number
  retryAfter: string | undefined
  at: number
  ms: number
}

/**
 * Posts documents with ids of their own, one after the other in each of some clients, until `stop`.
 * The ids begin with the prefix.
 */
export function startWriter(url: string, clients: number, pauseMs: number, prefix = 'w') {
  const answers: Answer[] = []
  let going = true
  let count = 0
  const client = async (name: number) => {
    while (going) {
      answers.push(await post(`${url}/data`, `${prefix}${name}-${count++}`))
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const all = Promise.all(Array.from({ length: clients }, (_, name) => client(name)))
  return {
    answers,
    stop: async () => {
      going = false
      await all
      return answers
    },
  }
}

/** Posts a document with this id; its status is -1 if no answer came. */
export function post(url: string, id: string): Promise<Answer> {
  const began = Date.now()
  const body = JSON.stringify({ _id: id, n: began })
  return new Promise((resolve) => {
    const end = (status: number, retryAfter?: string) =>
      resolve({ id, status, retryAfter, at: Date.now(), ms: Date.now() - began })
    const asked = request(url, {
      method: 'POST',
      agent: false,
      timeout: 15_000,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    asked.on('response', (response) => {
      response.resume()
      response.on('end', () => end(response.statusCode ?? 0, response.headers['retry-after']))
      response.on('error', () => end(-1))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => end(-1))
    asked.end(body)
  })
}
