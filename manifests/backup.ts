// backup.yaml: the nightly backup, the volume that keeps it, and its way to the database.
//
// The job reads the database, not the API: it needs no token, works while no pod of the application does, and may
// replace the documents by a restored collection. What it has to tell the application it writes into the database,
// which both reach anyway: a ConfigMap would need an account with rights in the cluster.
import type { CronJob } from 'kubernetes-types/batch/v1.js'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.js'
import { explainFindings } from './analysers.ts'
import { databaseCredentials } from './application-container.ts'
import { heapOption } from './memory.ts'
import * as names from './names.ts'
import { backupNetwork, databaseEgress } from './network.ts'
import type { Settings } from './options.ts'
import { containerSecurity, restrictedPod, secretFileMode } from './pod-security.ts'
import { backupVolume } from './volume.ts'

const { name, claim, container, selector } = names.backup
const labels = names.labels(selector, name, 'backup')
// The database's: on minikube one user then owns both folders of the node.
const { user } = names.database

const folder = '/backups'
const scratch = '/scratch'

// Measured: 102,674 documents of 260 bytes take 111 MiB. A document of 16 MiB needs more than the limit.
const resources = (storage: string) => ({
  requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
  // The restored store has as much room as all backups together.
  limits: { cpu: '1', memory: '256Mi', 'ephemeral-storage': storage },
})

const claimOf = ({ target, backupStorage }: Settings) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claim, namespace: names.applicationNamespace[target], labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      // minikube: the folder of the node. Cloud: the default class.
      ...(target === 'minikube' ? { storageClassName: '' } : {}),
      resources: { requests: { storage: backupStorage } },
    },
  }) satisfies PersistentVolumeClaim

const cronJob = (settings: Settings) => {
  const { target, backupSchedule, backupStorage, image } = settings
  const limited = resources(backupStorage)
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name,
      namespace: names.applicationNamespace[target],
      labels,
      annotations: explainFindings(
        'noRank',
        'jobProbes',
        'databaseUser',
        ...(target === 'cloud' ? [] : (['loadedImage'] as const)),
        ...(image.includes('@') ? [] : (['tag'] as const)),
      ),
    },
    spec: {
      schedule: backupSchedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels },
        spec: {
          // A failure must be seen, and not hidden by a second attempt: the job itself waits for a database that is
          // away. A drained node is not a failure.
          backoffLimit: 0,
          podFailurePolicy: {
            rules: [
              {
                action: 'Ignore',
                onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
              },
            ],
          },
          activeDeadlineSeconds: 3600,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: 'Never',
              ...restrictedPod(user),
              containers: [
                {
                  name: container,
                  image,
                  imagePullPolicy: target === 'minikube' ? 'IfNotPresent' : 'Always',
                  command: ['node', 'dist/backup/main.js', folder, scratch],
                  envFrom: [{ configMapRef: { name: names.config } }],
                  env: [
                    databaseCredentials(settings).env,
                    { name: 'NODE_OPTIONS', value: heapOption(limited.limits.memory) },
                    { name: 'BACKUP_TASK', value: 'backup' },
                  ],
                  resources: limited,
                  securityContext: containerSecurity,
                  volumeMounts: [
                    { name: 'backups', mountPath: folder },
                    { name: 'scratch', mountPath: scratch },
                    { name: 'credentials', mountPath: '/run/credentials', readOnly: true },
                  ],
                },
              ],
              volumes: [
                { name: 'backups', persistentVolumeClaim: { claimName: claim } },
                { name: 'scratch', emptyDir: { sizeLimit: backupStorage } },
                {
                  name: 'credentials',
                  projected: {
                    defaultMode: secretFileMode,
                    sources: databaseCredentials(settings).sources,
                  },
                },
              ],
            },
          },
        },
      },
    },
  } satisfies CronJob
}

/** Nothing if no backup is wanted. */
export function backupObjects(settings: Settings) {
  if (settings.backup === 'none') return []
  const { target, backupStorage, volumeNode } = settings
  const namespace = names.applicationNamespace[target]
  return [
    backupNetwork(namespace, databaseEgress(settings)),
    ...(target === 'minikube' ? [backupVolume(backupStorage, volumeNode)] : []),
    claimOf(settings),
    cronJob(settings),
  ]
}
