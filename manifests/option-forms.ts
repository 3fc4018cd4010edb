// The forms of the options' values: how a text is read, and what it must be.
import { isCidr } from './external-database.ts'

export type Target = 'minikube' | 'cloud'

/** Who makes the Secret of the database: manifests.ts, or its user and whatever keeps the user's secrets. */
type SecretSource = 'generated' | 'external'

export const isSecretSource = (text: string | undefined): text is SecretSource =>
  text === 'generated' || text === 'external'

/** Whether there is a backup each night. */
export type BackupChoice = 'nightly' | 'none'

/** A number without a fraction, in decimal digits. */
export const wholeNumber = (from: number, to: number) => ({
  parse: (text: string) =>
    /^\d{1,6}$/.test(text) && Number(text) >= from && Number(text) <= to ? Number(text) : undefined,
  form: `a whole number from ${from} to ${to}`,
})

/** A text as it is, if it has this form. */
export const matching = (pattern: RegExp, form: string) => ({
  parse: (text: string) => (pattern.test(text) ? text : undefined),
  form,
})

export const size = matching(/^[1-9]\d{0,5}[MGT]i$/, 'a size such as 512Mi, 1Gi or 2Ti')

export const target = {
  parse: (text: string): Target | undefined =>
    text === 'minikube' || text === 'cloud' ? text : undefined,
  form: 'minikube or cloud',
}

/** Ranges of addresses, with commas between them. */
export const ranges = {
  parse: (text: string): readonly string[] | undefined => {
    const all = text.split(',')
    return all.every(isCidr) ? all : undefined
  },
  form: 'addresses such as 10.1.0.0/16, commas between them',
}

// The grammar of github.com/distribution/reference: [host[:port]/]path[:tag][@digest].
const imageName =
  /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d+)?\/)?[a-z\d]+(?:(?:[._]|__|-+)[a-z\d]+)*(?:\/[a-z\d]+(?:(?:[._]|__|-+)[a-z\d]+)*)*(?::(?<tag>[\w][\w.-]{0,127}))?(?:@sha256:(?<digest>[a-f\d]{64}))?$/i

/** A name with a tag. A node that has the tag keeps its image: latest of last week would go on running. */
export function pinnedImage(text: string): string | undefined {
  const { tag, digest } = imageName.exec(text)?.groups ?? {}
  return digest !== undefined || (tag !== undefined && tag !== 'latest') ? text : undefined
}

/** The names of most objects too (RFC 1123, subdomain). */
export const dnsName =
  /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/
