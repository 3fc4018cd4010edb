// The address of the service that a command talks to: as typed, else from URL or PORT in the environment.
import { UsageError } from './read-options.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The address without a slash at its end. `name` is the option or argument that it came from, for messages.
 * @throws UsageError
 */
export function serviceAddress(
  given: string | undefined,
  name: string,
  env: Environment = process.env,
): string {
  const { PORT, API_TOKEN = '' } = env
  const url = given ?? (env.URL || `http://localhost:${PORT || 5000}`)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`${name} is http://HOST:PORT, not ${JSON.stringify(url.slice(0, 100))}`)
  }
  const { username, password, search, hash } = new URL(url)
  if (username !== '' || password !== '') {
    throw new UsageError(`${name} has a user or a password; a token goes into API_TOKEN`)
  }
  if (search !== '' || hash !== '') {
    throw new UsageError(`${name} has a query; it is http://HOST:PORT`)
  }
  if (/[^!-~]/.test(API_TOKEN)) {
    throw new UsageError('API_TOKEN has a character that no token has, perhaps a line end')
  }
  return url.replace(/\/+$/, '')
}
