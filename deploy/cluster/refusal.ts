// Why the cluster refused a file: its own words, the field, and what helps against that.
import type { Commands } from '../remedy.ts'
import type { Diagnosis } from '../report.ts'

/** The diagnosis of what `kubectl apply` said; the words may be empty, if it takes the file now. */
export function refusalOf(file: string, words: string, commands: Commands): Diagnosis {
  const { kubectl, deploy } = commands
  const field = fieldIn(words)
  return {
    outcome: 'refused',
    what: `the cluster refused ${file}${field === '' ? '' : ` because of ${field}`}`,
    words: words || 'its reason is above; it takes the file now',
    remedy:
      immutableRemedy(words, commands) ??
      (field === ''
        ? `mend what it names, then ${deploy('up')}; to ask again without a change: ${kubectl(`apply --dry-run=server -f ${file}`)}`
        : `mend ${field} in manifests/, then ${deploy('up')}`),
  }
}

// `spec.template.spec.containers[0].resources.requests: Invalid value`, or the words of a decoder that
// found another type than it expected.
const fieldIn = (words: string): string =>
  /\b((?:spec|metadata|data)(?:\.[\w/-]+|\[[^\]]*\])*): (?:Invalid|Required|Forbidden|Unsupported|Duplicate|Too)/.exec(
    words,
  )?.[1] ??
  /strict decoding error: unknown field "([^"]+)"/.exec(words)?.[1] ??
  /Go struct field (\S+) of type/.exec(words)?.[1] ??
  ''

// These keep nothing. A Secret does: the password of the documents.
const replaceable = ['Deployment', 'StatefulSet', 'Service']

/** What can never be changed: the object is made anew. That loses no documents, and the remedy says so. */
function immutableRemedy(words: string, { kubectl, deploy }: Commands): string | undefined {
  const [, kind = '', name = ''] = /\bThe (\w+) "([^"]+)" is invalid/.exec(words) ?? []
  const immutable = /field is immutable|updates to statefulset spec for fields other than/i
  if (!replaceable.includes(kind) || !immutable.test(words)) return undefined
  const object = `${kind.toLowerCase()}/${name}`
  // Its pod and its claim stay and belong to the next set of that name.
  const orphans = kind === 'StatefulSet' ? ' --cascade=orphan' : ''
  return `this can only be made anew: ${kubectl(`delete ${object}${orphans}`)}, then ${deploy('up')}; the documents stay`
}
