// Asks minikube, kubectl or docker a question and gives its answer; never throws, never hangs.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { win32 } from 'node:path'
import { env, platform } from 'node:process'

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

export interface ToolCommand {
  file: string
  args: readonly string[]
  /** For Windows: the arguments are quoted already. */
  windowsVerbatimArguments: boolean
}

/**
 * What spawn is to be given. It finds no .cmd or .bat file by a bare name, and starts none without
 * cmd.exe, which needs the whole line in one pair of quotes.
 */
export function toolCommand(
  tool: string,
  args: readonly string[],
  system: string = platform,
  variables: NodeJS.ProcessEnv = env,
  exists: (path: string) => boolean = existsSync,
): ToolCommand {
  const found = system === 'win32' ? onWindows(tool, variables.PATH ?? '', exists) : undefined
  if (found === undefined || !/\.(?:cmd|bat)$/.test(found)) {
    return { file: tool, args, windowsVerbatimArguments: false }
  }
  const line = [found, ...args].map((word) => `"${word.replaceAll('"', '\\"')}"`).join(' ')
  return {
    file: variables.ComSpec || 'cmd.exe',
    args: ['/d', '/s', '/c', `"${line}"`],
    windowsVerbatimArguments: true,
  }
}

// In the order of Windows' own PATHEXT.
const endings = ['.com', '.exe', '.bat', '.cmd']

const onWindows = (tool: string, path: string, exists: (path: string) => boolean) =>
  path
    .split(';')
    .flatMap((folder) => endings.map((ending) => win32.join(folder, `${tool}${ending}`)))
    .find(exists)
