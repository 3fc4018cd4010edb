// Asks minikube, kubectl or docker a question and gives its answer; never throws, never hangs.
import { spawn } from 'node:child_process'
import { toolCommand } from './tool-command.ts'

export interface Answer {
  /** 127 where there is no such tool, 124 where it did not answer in time. */
  code: number
  out: string
  err: string
}

/** Runs the tool without a shell, so that no argument needs quoting on any platform. */
export function ask(
  tool: string,
  args: readonly string[],
  { seconds = 30, input = '' }: { seconds?: number; input?: string } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const { file, args: words, windowsVerbatimArguments } = toolCommand(tool, args)
    const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'], windowsVerbatimArguments })
    let out = ''
    let err = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ code: 127, out: '', err: error.message })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      const said = late ? `${err}${tool} did not answer within ${seconds} s` : err
      resolve({ code: late ? 124 : (code ?? 1), out, err: said })
    })
    child.stdin.on('error', () => {}) // the tool may end without reading
    child.stdin.end(input)
  })
}
