// mongo-volume.yaml: the folder of the node that outlives every pod and the cluster's restart.
import type { PersistentVolume } from 'kubernetes-types/core/v1.js'
import * as names from './names.ts'

/** StatefulSets name their claims TEMPLATE-SET-ORDINAL. */
export const claimTemplate = 'data'

/**
 * A folder of the node, made by the scripts, as the volume of the database's only claim. Each node has a folder
 * of its own under that path: if there are several, `node` is the one that the pod must be on.
 */
export const databaseVolume = (storage: string, node?: string) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: 'mongo-volume',
      labels: names.labels(names.database.selector, 'mongo-volume', 'database'),
    },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      // Kept for this one claim: without claimRef any claim without a class could take the data.
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: names.databaseNamespace,
        name: `${claimTemplate}-${names.database.name}-0`,
      },
      // No class, here and in the claim: minikube's default class would make a volume of its own.
      storageClassName: '',
      // The claim may be deleted, with its namespace say; the documents stay. A volume so released binds
      // again only after `kubectl delete pv mongo-volume`, which leaves the folder as it is.
      persistentVolumeReclaimPolicy: 'Retain',
      // minikube keeps /data over a stop and start. Directory, and not DirectoryOrCreate: the kubelet
      // would create it for root, and mongod, who is not root, could not write in it.
      hostPath: { path: '/data/mongodb', type: 'Directory' },
      // Nobody can change this once it is there.
      ...(node === undefined ? {} : { nodeAffinity: { required: onNode(node) } }),
    },
  }) satisfies PersistentVolume

const onNode = (name: string) => ({
  nodeSelectorTerms: [
    {
      matchExpressions: [
        { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [name] },
      ],
    },
  ],
})
