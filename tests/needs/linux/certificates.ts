// Certificates for a test, made by openssl: one authority, and what it has signed.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/temporary-folder.ts'

export interface Authority {
  /** The file with the authority's own certificate. */
  readonly file: string
  /** A certificate for the host name, valid for N days from now; negative: expired. */
  sign(host: string, days: number): { readonly key: Buffer; readonly cert: Buffer }
}

const folder = temporaryFolder()
let made = 0

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' })

/** Makes an authority in a folder of the calling file's own. */
export function createAuthority(): Authority {
  const path = join(folder, `authority-${made++}`)
  const [key, file] = [`${path}.key`, `${path}.pem`]
  const self = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${made}`,
  ]
  openssl(...self, '-keyout', key, '-out', file)
  return {
    file,
    sign(host, days) {
      const own = join(folder, `server-${made++}`)
      const subject = ['-nodes', '-newkey', 'rsa:2048', '-subj', `/CN=${host}`]
      openssl('req', ...subject, '-keyout', `${own}.key`, '-out', `${own}.csr`)
      writeFileSync(`${own}.ext`, `subjectAltName=DNS:${host}\n`)
      const signing = ['-CA', file, '-CAkey', key, '-CAcreateserial', '-extfile', `${own}.ext`]
      const term = ['-days', String(days)]
      openssl('x509', '-req', '-in', `${own}.csr`, ...signing, ...term, '-out', `${own}.pem`)
      return { key: readFileSync(`${own}.key`), cert: readFileSync(`${own}.pem`) }
    },
  }
}
