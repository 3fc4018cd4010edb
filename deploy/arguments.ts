// The command line of the programs in deploy/. The scripts have checked what a person typed.
import { argv } from 'node:process'
import { parseArgs } from 'node:util'

export interface Arguments {
  profile: string
  words: string[]
  flag: (name: string) => boolean
  value: (name: string) => string | undefined
}

/** Reads `--profile`, the named flags and values, and the words between them. */
export function readArguments(flags: readonly string[] = [], values: readonly string[] = []) {
  const options = Object.fromEntries([
    ...flags.map((name) => [name, { type: 'boolean' } as const]),
    ...['profile', ...values].map((name) => [name, { type: 'string' } as const]),
  ])
  const parsed = parseArgs({ args: argv.slice(2), options, allowPositionals: true })
  const given = new Map(Object.entries(parsed.values))
  const value = (name: string) => {
    const found = given.get(name)
    return typeof found === 'string' ? found : undefined
  }
  return {
    profile: value('profile') ?? 'minikube',
    words: parsed.positionals,
    flag: (name) => given.get(name) === true,
    value,
  } satisfies Arguments
}
