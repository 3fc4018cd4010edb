// mongo-stateful.yaml of the minikube target: one MongoDB, its name in DNS and its claim on a volume.
import type { StatefulSet } from 'kubernetes-types/apps/v1.js'
import type { Service } from 'kubernetes-types/core/v1.js'
import { explainFindings } from './analysers.ts'
import { helloScript } from './hello-probe.ts'
import * as names from './names.ts'
import { containerSecurity, restrictedPod, secretFileMode } from './pod-security.ts'
import { claimTemplate } from './volume.ts'

const { name, port, user, selector } = names.database
const labels = names.labels(selector, name, 'database')
const metadata = { name, namespace: names.databaseNamespace, labels }

// Earlier 8.0 servers leak memory to anyone who can connect (CVE-2025-14847).
/** MongoDB, for one of our own. */
export const databaseImage = 'mongo:8.0.17'

/**
 * Headless, so that DNS answers with the pod's own address: a database has no replicas to balance over,
 * and a driver wants to know the members. The port's name makes the record _mongodb._tcp for mongodb+srv.
 */
export const databaseService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: {
    clusterIP: 'None',
    // Also while it starts: a name that is gone stays gone for the 30 s for which the cluster's DNS caches
    // that. A client of the pod's own name finds it 6 s after the pod was deleted, instead of 34.
    publishNotReadyAddresses: true,
    selector,
    ports: [{ name: 'mongodb', port, targetPort: 'mongodb' }],
  },
} satisfies Service

/**
 * The way in for the application: one address that stays. The cluster's DNS remembers a pod's own
 * address for 30 s, and under load some request always comes in the moment between two pods: writes
 * worked again 27 s after the new pod was ready, and at once through this address (measured).
 */
export const clientService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...metadata, name: names.database.client },
  spec: {
    selector,
    ports: [{ name: 'mongodb', port, targetPort: 'mongodb' }],
  },
} satisfies Service

/** A StatefulSet, because the pod must find the same volume again under the same name. */
export const databaseSet = (storage: string) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      ...metadata,
      annotations: explainFindings(
        'noCpuLimit',
        'imageUser',
        'passwordFile',
        'release',
        'singleMember',
        'callsNobody',
        'noRank',
      ),
    },
    spec: {
      serviceName: name,
      // Two would be two databases, not one with a copy: replication is MongoDB's, see the cloud target.
      replicas: 1,
      selector: { matchLabels: selector },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      template: {
        metadata: { labels },
        spec: {
          ...restrictedPod(user),
          // mongod refuses new work, waits up to 15 s for what runs, then writes a checkpoint. Killed
          // before that, it repeats its journal at the next start.
          terminationGracePeriodSeconds: 60,
          containers: [container],
          volumes: [
            { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
            {
              name: 'credentials',
              projected: {
                defaultMode: secretFileMode,
                sources: [{ secret: { name: names.secret } }],
              },
            },
          ],
        },
      },
      // This can never be changed; a larger --storage needs a new StatefulSet.
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: claimTemplate, labels },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: '',
            resources: { requests: { storage } },
          },
        },
      ],
    },
  }) satisfies StatefulSet

// Measured with the test cluster's server, which has MongoDB's protocol and storage engine and is not
// mongod: idle 4 m and 53 Mi; one client that reads and writes 700 m; after 500 MB of large documents
// 350 Mi, the rest of its 1 Gi being files that the kernel may drop.
const resources = {
  // The cache of 0.25 GB, as much again for connections (up to 1 MB each) and sorting.
  requests: { cpu: '250m', memory: '512Mi', 'ephemeral-storage': '64Mi' },
  // mongod alone would take half of its memory over 1 GiB as cache. No limit on the CPU: a database
  // that is throttled keeps its locks for longer, and everyone waits; the request is its share.
  limits: { memory: '1Gi', 'ephemeral-storage': '256Mi' },
}

const container = {
  name,
  image: databaseImage,
  imagePullPolicy: 'IfNotPresent',
  // The image adds --auth and --bind_ip_all. Left alone, mongod sizes its cache by the node's memory.
  args: ['mongod', '--wiredTigerCacheSizeGB', '0.25'],
  env: [
    { name: 'MONGO_INITDB_ROOT_USERNAME_FILE', value: '/run/credentials/username' },
    { name: 'MONGO_INITDB_ROOT_PASSWORD_FILE', value: '/run/credentials/password' },
    // mongod of 8.0 crashes after about 30 s on Linux 6.19 and newer (SERVER-121912, google/tcmalloc
    // 292) unless glibc keeps rseq for itself. Newer images say 0, which is faster on older kernels.
    { name: 'GLIBC_TUNABLES', value: 'glibc.pthread.rseq=1' },
    // Where a mongosh that is started by hand keeps its history; the image's own is the data volume.
    { name: 'HOME', value: '/tmp' },
  ],
  ports: [{ name: 'mongodb', containerPort: port }],
  resources,
  securityContext: containerSecurity,
  // While the image makes the user, its first server listens on 127.0.0.1 alone: the kubelet, who
  // knocks from outside, waits. 5 minutes, for a long journal.
  startupProbe: { tcpSocket: { port: 'mongodb' }, periodSeconds: 2, failureThreshold: 150 },
  // A slow database is not a dead one, and a restart makes it slower: the port answers or it does not.
  livenessProbe: { tcpSocket: { port: 'mongodb' }, periodSeconds: 20, timeoutSeconds: 5 },
  readinessProbe: {
    exec: { command: ['bash', '-ec', helloScript(port)] },
    periodSeconds: 10,
    timeoutSeconds: 3,
  },
  volumeMounts: [
    { name: claimTemplate, mountPath: '/data/db' },
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'credentials', mountPath: '/run/credentials', readOnly: true },
  ],
}
