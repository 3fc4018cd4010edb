// The folders of the node that outlive every pod and the cluster's restart: the database's and the backups'.
import type { PersistentVolume } from 'kubernetes-types/core/v1.js'
import * as names from './names.ts'

/** StatefulSets name their claims TEMPLATE-SET-ORDINAL. */
export const claimTemplate = 'data'

interface Folder {
  readonly name: string
  readonly labels: Record<string, string>
  readonly path: string
  readonly claim: string
}

/**
 * A folder of the node, made by the scripts, as the volume of one claim. Each node has a folder of its own under
 * that path: if there are several, the pod must be on `node`.
 */
const volumeOf = ({ name, labels, path, claim }: Folder, storage: string, node?: string) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      // Kept for this one claim: without claimRef any claim without a class could take the data.
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: names.databaseNamespace,
        name: claim,
      },
      // No class, here and in the claim: minikube's default class would make a volume of its own.
      storageClassName: '',
      // The claim may be deleted, for example with its namespace; the documents stay. A volume so released binds
      // again only after `kubectl delete pv`, which leaves the folder as it is.
      persistentVolumeReclaimPolicy: 'Retain',
      // minikube keeps /data across a stop and start. Directory, not DirectoryOrCreate: the kubelet
      // would create it for root, and the pod, which is not root, could not write in it.
      hostPath: { path, type: 'Directory' },
      // This can never be changed.
      ...(node === undefined ? {} : { nodeAffinity: { required: onNode(node) } }),
    },
  }) satisfies PersistentVolume

/** The database's volume. */
export const databaseVolume = (storage: string, node?: string) =>
  volumeOf(
    {
      name: 'mongo-volume',
      labels: names.labels(names.database.selector, 'mongo-volume', 'database'),
      path: '/data/mongodb',
      claim: `${claimTemplate}-${names.database.name}-0`,
    },
    storage,
    node,
  )

/** The backups' volume. */
export const backupVolume = (storage: string, node?: string) =>
  volumeOf(
    {
      name: names.backup.volume,
      labels: names.labels(names.backup.selector, names.backup.volume, 'backup'),
      path: names.backup.folder,
      claim: names.backup.claim,
    },
    storage,
    node,
  )

const onNode = (name: string) => ({
  nodeSelectorTerms: [
    {
      matchExpressions: [
        { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [name] },
      ],
    },
  ],
})
