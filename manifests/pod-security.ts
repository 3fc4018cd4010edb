// What Pod Security's `restricted` asks of every pod, and a little more.
import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.js'

/** Read for the group, nothing for others: the modes of files that hold a password. */
export const secretFileMode = 0o440

/** The pod's half: who it runs as. fsGroup lets that group read the mounted secrets. */
export const podSecurity = (user: number) =>
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
