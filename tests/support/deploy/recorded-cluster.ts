// The recorded snapshot of a healthy cluster, with one thing in it changed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { listAt, textAt, valueAt } from '../../../deploy/cluster/kubectl.ts'

const source = readFileSync(new URL('recorded/snapshot.json', import.meta.url), 'utf8')

/** The objects as they were recorded. */
export const healthy = (): unknown[] => listAt(JSON.parse(source), 'items')

const key = (item: unknown) => `${textAt(item, 'kind')}/${textAt(item, 'metadata', 'name')}`
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function merged(old: unknown, change: unknown): unknown {
  if (!isRecord(old) || !isRecord(change)) return change
  const parts = Object.entries(change).map(([name, part]) => [
    name,
    merged(valueAt(old, name), part),
  ])
  return { ...old, ...Object.fromEntries(parts) }
}

/** The same objects, those named `Kind/name` with a part of them replaced, or without them. */
export function cluster(changes: Readonly<Record<string, object | 'gone'>>): unknown[] {
  const items = healthy()
  for (const name of Object.keys(changes))
    assert.ok(
      items.some((item) => key(item) === name),
      name,
    )
  return items.flatMap((item) => {
    const change = changes[key(item)]
    if (change === 'gone') return []
    return [change === undefined ? item : merged(item, change)]
  })
}

/** The changes that make its database one that others run; `status` is that of the Deployment. */
export const elsewhere = (status: object = {}) => ({
  'StatefulSet/mongodb': 'gone' as const,
  'Service/mongodb-client': 'gone' as const,
  'Deployment/app-deployment': {
    spec: { template: { spec: { containers: [{ env: [{ name: 'MONGODB_URI_FILE' }] }] } } },
    status,
  },
})

/** As kubectl prints them. */
export const answerOf = (items: readonly unknown[]): string =>
  JSON.stringify({ kind: 'List', items })

/** Whether every command in a remedy says which cluster it is for. */
export function namesCluster(remedy: string, profile: string): void {
  const wrong = [
    ...remedy.matchAll(new RegExp(`\\bkubectl (?!--context ${profile} )`, 'g')),
    ...remedy.matchAll(new RegExp(`(?<!nodes? )\\bminikube (?!-p ${profile} )`, 'g')),
    ...remedy.matchAll(new RegExp(`\\./deploy\\.\\S+ (?![^,;:]*--profile ${profile})`, 'g')),
  ]
  assert.deepEqual(
    wrong.map(([command]) => command),
    [],
    remedy,
  )
}
