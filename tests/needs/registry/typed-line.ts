// A line of the README, typed in a shell: one that does not end is ended once it has shown that it works.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Typed {
  readonly code: number | string
  /** What it wrote to standard output and error. */
  readonly said: string
}

export interface Typing {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** `bash`, or a PowerShell. */
  readonly shell: string
  /** Milliseconds. */
  readonly timeout: number
  /** It works once it has said this, and is ended after `onFound`. */
  readonly until?: RegExp
  readonly onFound?: (found: RegExpExecArray) => Promise<void>
}

/** Types the line. What it has started ends with it. */
export async function typeLine(line: string, typing: Typing): Promise<Typed> {
  const { cwd, env, shell, timeout, until, onFound } = typing
  const args = shell === 'bash' ? ['-c', line] : ['-NoProfile', '-Command', withCode(line)]
  // A group of its own, so that all of it can be ended: the shell, npm, its shell and node.
  const detached = process.platform !== 'win32'
  const child = spawn(shell, args, { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => end(child, 'SIGKILL'), timeout)
  const closed = once(child, 'close')
  let said = ''
  let works: Promise<void> | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk
      const found = until && !works ? until.exec(said) : null
      if (!found) return
      works = Promise.resolve(onFound?.(found)).finally(() => end(child, 'SIGINT'))
      works.catch(() => {}) // it is awaited below
    })
  }
  const [code, signal] = await closed
  clearTimeout(timer)
  end(child, 'SIGKILL')
  await works
  return { code: code ?? signal, said }
}

// PowerShell ends with 0 or 1, whatever the last program ended with.
const withCode = (line: string) => `${line}\nexit $LASTEXITCODE`

function end({ pid = 0 }: ChildProcess, signal: NodeJS.Signals): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' })
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}
