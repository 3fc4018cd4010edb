// mongo-secret.yaml: the database's user and password, made once and then kept.
import { randomBytes } from 'node:crypto'
import type { Secret } from 'kubernetes-types/core/v1.js'
import { parse } from 'yaml'
import * as names from './names.ts'

export interface Credentials {
  username: string
  password: string
  /** The type of the Secret, which the API server does not let anybody change. */
  type: string
}

/** The user of the database. A Secret that others make has to name the same one. */
export const defaultUser = 'data-service'

/** 192 random bits as 48 hex digits, which need no escaping in a URI, a shell or YAML. */
export const newCredentials = (): Credentials => ({
  username: defaultUser,
  password: randomBytes(24).toString('hex'),
  type: 'kubernetes.io/basic-auth',
})

/**
 * The image reads the credentials only while its volume is empty. A new password under a volume that
 * has one would lock the application out, so this object is never written over.
 */
export const credentialsSecret = ({ username, password, type }: Credentials) =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: names.secret,
      namespace: names.databaseNamespace,
      labels: names.labels(names.database.selector, names.secret, 'database'),
    },
    type,
    // base64 is how the API carries bytes. It does not hide anything: this file is why build/ is not committed.
    data: { password: base64(password), username: base64(username) },
  }) satisfies Secret

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

/** Reads the credentials out of a Secret in YAML or JSON; undefined if it is not that Secret. */
export function readCredentials(text: string): Credentials | undefined {
  const object = parseOrNothing(text)
  if (!isRecord(object) || !isRecord(object.metadata) || !isRecord(object.data)) return undefined
  if (object.kind !== 'Secret' || object.metadata.name !== names.secret) return undefined
  const username = fromBase64(object.data.username)
  const password = fromBase64(object.data.password)
  const type = typeof object.type === 'string' ? object.type : 'Opaque'
  return username && password ? { username, password, type } : undefined
}

function parseOrNothing(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const fromBase64 = (value: unknown) =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined
