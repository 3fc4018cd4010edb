// Environment variables that somebody may have meant as settings, and that are none.
import { settings } from './config.ts'

// What other programs and hosts call the address of their database.
const elsewhere =
  /^(?:MONGO|MONGODB|MONGOOSE|DATABASE)_?(?:DB_?)?(?:URI|URL|CONNECTION_STRING|DSN|HOST)$/

// A short name has too many neighbours that mean something else, and USERNAME is the system's own.
const names = Object.keys(settings).filter((name) => name.length >= 6 && name !== 'USER_NAME')

/** A sentence for each of them. The values are not looked at: they may be secret. */
export function unreadSettings(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).flatMap((name) => {
    if (name in settings) return []
    if (elsewhere.test(name)) {
      return [`${name} is not read: DB_URL or MONGODB_URI names the database.`]
    }
    const meant = names.find((known) => isNear(name, known))
    // For Windows api_token is API_TOKEN: then it is read.
    return meant === undefined || env[meant] !== undefined
      ? []
      : [`${name} is not read. Is ${meant} meant?`]
  })
}

/** Whether one slip of the fingers makes one of the other: a letter more, less, changed or exchanged. */
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
