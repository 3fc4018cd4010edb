// A database that others run: a managed service, or a replica set of the company's own. There are no objects of it
// here; the pods read the whole connection string from a Secret that its owner makes:
//
//   kubectl create secret generic mongodb-uri -n mongo --from-literal=uri='mongodb+srv://user:password@host/'
//
// With --from-file=ca.crt=ca.pem it has the authority's certificate too, which the string then names:
// tlsCAFile=/run/credentials/ca.crt. In the cloud the namespace is data-service.
import { isIP } from 'node:net'
import type { NetworkPolicyEgressRule } from 'kubernetes-types/networking/v1.js'
import { database, uriSecret } from './names.ts'

/** Whose the database is. */
export type DatabasePlace = 'own' | 'external'

export const isDatabasePlace = (text: string | undefined): text is DatabasePlace =>
  text === 'own' || text === 'external'

/** What kubectl is told to make the Secret. */
export const makeUriSecret = `create secret generic ${uriSecret} --from-literal=uri='mongodb+srv://USER:PASSWORD@HOST/'`

/** What is mounted: the string, without which a pod waits, and the certificate if the Secret has one. */
export const uriSources = [
  { secret: { name: uriSecret, items: [{ key: 'uri', path: 'uri' }] } },
  { secret: { name: uriSecret, items: [{ key: 'ca.crt', path: 'ca.crt' }], optional: true } },
]

/** Whether the text is an address with the length of its prefix. */
export function isCidr(text: string): boolean {
  const [, address = '', length] = /^(.+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(address)
  return version > 0 && Number(length) <= (version === 4 ? 32 : 128)
}

/** To the ranges, by any port; if none is known, by MongoDB's port to anywhere. */
export const toExternalDatabase = (ranges: readonly string[]): NetworkPolicyEgressRule =>
  ranges.length === 0
    ? { ports: [{ protocol: 'TCP', port: database.port }] }
    : { to: ranges.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ protocol: 'TCP' }] }
