// Pod Security `restricted`: what the namespaces enforce (dev-space.yaml), and what makes every pod satisfy it.
import type { Namespace, PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.js'

/** Read for the group, nothing for others: the modes of files that hold a password. */
export const secretFileMode = 0o440

/** The part that all pods share: no token of the cluster's API, which they do not call, and the pod's half of the security. */
export const restrictedPod = (user: number) => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(user),
})

// The pod's half: the user and group that it runs as. fsGroup lets that group read the mounted secrets.
const podSecurity = (user: number) =>
  ({
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    // Without it the kubelet walks the whole volume at each start to set a group that is set already.
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  }) satisfies PodSecurityContext

/** The container's half: what it may do, which is to write its mounted volumes and nothing else. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
} satisfies SecurityContext

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
