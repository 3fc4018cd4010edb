// How a tool is started without a shell, also where Windows has it as a .cmd file.
import { existsSync } from 'node:fs'
import { win32 } from 'node:path'
import { env, platform } from 'node:process'

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
