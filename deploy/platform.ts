// What kind of machine this is, as far as tools, tunnels and folders differ.
import { env, platform as nodePlatform } from 'node:process'
import type { Diagnosis } from './report.ts'

export type Platform = 'linux' | 'wsl' | 'macos' | 'windows'

/** WSL calls itself Linux and has Windows' network; minikube tells by the same variable. */
export function platformOf(
  name: string = nodePlatform,
  variables: NodeJS.ProcessEnv = env,
): Platform {
  if (name === 'win32') return 'windows'
  if (name === 'darwin') return 'macos'
  return variables.WSL_DISTRO_NAME || variables.WSLPATH ? 'wsl' : 'linux'
}

/**
 * A folder without a drive letter: cmd.exe cannot have it as its current folder and goes to C:\Windows,
 * and npm and its programs are started by cmd.exe.
 */
export function folderTrouble(folder: string): Diagnosis | undefined {
  if (!/^\\\\[^?.]/.test(folder)) return undefined
  return {
    outcome: 'usage',
    what: `the project is in ${folder}, which has no drive letter: npm cannot run there`,
    remedy: /^\\\\wsl[.$]/i.test(folder)
      ? 'run the bash script inside WSL'
      : 'clone it to a local drive, or give that one a letter: net use Z: \\\\SERVER\\SHARE',
  }
}
