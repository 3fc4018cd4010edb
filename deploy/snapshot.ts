// All objects that a wait or a status looks at, in one question.
import { list } from './json.ts'
import { find, type Kubectl } from './kubectl.ts'

// Nodes and namespaces belong to no namespace; kubectl gives them all.
const kinds = [
  ...['deployments', 'statefulsets', 'replicasets', 'services', 'endpointslices', 'hpa', 'pvc'],
  ...['pods', 'events', 'nodes', 'namespaces'],
].join(',')

export type Snapshot = { items: unknown[] } | { failure: string }

/** The objects, or why kubectl could not tell. */
export async function takeSnapshot(kubectl: Kubectl): Promise<Snapshot> {
  const found = await find(kubectl, kinds)
  return 'failure' in found ? found : { items: list(found.object, 'items') }
}
