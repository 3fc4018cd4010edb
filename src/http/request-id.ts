// The id of a request: the client's own if it is harmless, otherwise a new one.
import { randomBytes } from 'node:crypto'

// It goes into headers, logs and answers, so nothing else may be in it.
const harmless = /^[\w.=-]{1,128}$/

/** Makes the source of request ids: a random part for the process and a count, unique and cheap. */
export function createRequestIds(): (offered: string | string[] | undefined) => string {
  const prefix = randomBytes(6).toString('base64url')
  let count = 0
  return (offered) =>
    typeof offered === 'string' && harmless.test(offered)
      ? offered
      : `${prefix}-${(++count).toString(36)}`
}
