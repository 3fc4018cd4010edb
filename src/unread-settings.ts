// What may have been meant as a setting and is not one: another variable, or an option of the command.
import { describeSettings, settings } from './settings.ts'

// What other programs and hosts call the address of their database.
const elsewhere =
  /^(?:MONGO|MONGODB|MONGOOSE|DATABASE)_?(?:DB_?)?(?:URI|URL|CONNECTION_STRING|DSN|HOST)$/

// Too many other variables are one letter away from a short name, and USERNAME is the system's own.
const names = Object.keys(settings).filter((name) => name.length >= 6 && name !== 'USER_NAME')

/** A sentence for each of them. The values are not looked at: they may be secret. */
export function unreadSettings(env: NodeJS.Dict<string>): string[] {
  return Object.keys(env).flatMap((name) => {
    if (name in settings) return []
    if (elsewhere.test(name)) {
      return [`${name} is not read: DB_URL or MONGODB_URI names the database.`]
    }
    const meant = names.find((known) => isNear(name, known))
    // On Windows api_token is API_TOKEN, and is read.
    return meant === undefined || env[meant] !== undefined
      ? []
      : [`${name} is not read. Is ${meant} meant?`]
  })
}

/** Every setting with its meaning, for --help. */
export const settingsHelp = (): string =>
  `npm start

It has no options: its settings are environment variables, ${exampleLine('PORT', '5080')} for one.

${describeSettings()
  .map(([name, text, fallback]) => `  ${name.padEnd(17)} ${text}${fallback && ` (${fallback})`}\n`)
  .join('')}`

/**
 * What to say of words after the command, by the first of them. npm takes `--port 5080` for itself, unless `--`
 * stands before it, and leaves it in the environment.
 */
export function unreadWords(args: readonly string[], env: NodeJS.Dict<string>): string[] {
  const options = Object.keys(settings).map((name) => ({
    name,
    option: `--${name.toLowerCase().replaceAll('_', '-')}`,
  }))
  const meant = ({ name, option }: (typeof options)[number], value: string) =>
    `${option} is not read: ${name} is a variable of the environment, as in ${exampleLine(name, value)}`
  const byNpm = /^(?:start|dev)$/.test(env.npm_lifecycle_event ?? '')
  const taken = options.flatMap((each) => {
    const value = env[`npm_config_${each.name.toLowerCase()}`]
    return byNpm && value !== undefined ? [meant(each, value === 'true' ? '' : value)] : []
  })
  if (taken.length > 0) return taken
  const [word] = args
  if (word === undefined) return []
  const [name = '', value = ''] = word.split('=')
  const found = options.find(({ option }) => option === name.toLowerCase().replaceAll('_', '-'))
  return [
    found ? meant(found, value) : `${word.slice(0, 100)} is not read; --help names the settings.`,
  ]
}

// No value of a secret is repeated, and none that a shell would read otherwise.
function exampleLine(name: string, value: string): string {
  const shown = name === 'PORT' && /^\d{1,5}$/.test(value) ? value : '...'
  return process.platform === 'win32'
    ? `$env:${name} = '${shown}'; npm start`
    : `${name}=${shown} npm start`
}

/** Whether they differ by one typing error: a letter added, missing, changed or swapped. */
function isNear(name: string, known: string): boolean {
  const [a, b] = [plain(name), plain(known)]
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const [restA, restB] = [a.slice(start), b.slice(start)]
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0])
  )
}

const plain = (name: string) => name.toUpperCase().replaceAll(/[^A-Z\d]/g, '')
