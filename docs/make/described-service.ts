// Asks a real service to describe itself: its OpenAPI document and the names of its metrics.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

interface Description {
  /** What /openapi.json answers. */
  readonly openApi: unknown
  /** What /metrics answers. */
  readonly metrics: string
}

/** Starts the service on an empty store, asks it, and ends it. */
export async function describeService(): Promise<Description> {
  const folder = mkdtempSync(join(tmpdir(), 'data-service-docs-'))
  const { PATH } = process.env
  // Without this machine's settings: the documents are the same everywhere.
  const env = { PATH, PORT: '0', HOST: '127.0.0.1', DATA_FILE: join(folder, 'documents.db') }
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    const base = await Promise.race([
      listening(child.stdout),
      exited.then(([code]) => {
        throw new Error(`the service ended with ${code}`)
      }),
    ])
    const openApi: unknown = await (await fetch(`${base}/openapi.json`)).json()
    const metrics = await (await fetch(`${base}/metrics`)).text()
    return { openApi, metrics }
  } finally {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function listening(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [, port] = /listening on http:\/\/localhost:(\d+)/.exec(line) ?? []
    if (port !== undefined) return `http://127.0.0.1:${port}`
  }
  throw new Error('the service said no port')
}
