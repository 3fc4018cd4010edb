// dev-space.yaml: the namespaces, and what may run in them.
import type { Namespace } from 'kubernetes-types/core/v1.js'

/**
 * A namespace that refuses every pod that could harm its node. `enforce` rejects the pod; `warn` says
 * so to whoever applies the Deployment, whose pods would otherwise only be missing.
 */
export const namespaceObject = (name: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        'app.kubernetes.io/part-of': 'data-service',
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/enforce-version': 'latest',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/audit-version': 'latest',
        'pod-security.kubernetes.io/warn': 'restricted',
        'pod-security.kubernetes.io/warn-version': 'latest',
      },
    },
  }) satisfies Namespace
