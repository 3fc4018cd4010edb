// mongo-stateful.yaml of the cloud target: a replica set that MongoDB's own operator builds and keeps.
// Replication is the engine's job, and moving its members safely is the operator's. Before the apply:
//   - the operator (chart mongodb/mongodb-kubernetes), watching both namespaces, so that it may write
//     the connection string into the application's; its chart also makes the members' service account
//   - a Secret mongodb-tls for *.mongodb-svc.mongo.svc.cluster.local, of cert-manager or any other
//   - a ConfigMap mongodb-ca with that authority's ca.crt, in both namespaces (trust-manager does this)
import type { StatefulSetSpec } from 'kubernetes-types/apps/v1.js'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import * as names from './names.ts'

export const connectionSecret = 'mongodb-connection'
export const certificateAuthority = 'mongodb-ca'

/** The API's type with every field optional, all the way down: a patch. */
type Patch<T> = T extends object ? { [Key in keyof T]?: Patch<T[Key]> } : T

/** What is used here of mongodbcommunity.mongodb.com/v1; the server checks it against the whole. */
interface MongoDBCommunity {
  apiVersion: 'mongodbcommunity.mongodb.com/v1'
  kind: 'MongoDBCommunity'
  metadata: ObjectMeta
  spec: {
    type: 'ReplicaSet'
    members: number
    version: string
    featureCompatibilityVersion: string
    security: {
      authentication: { modes: ('SCRAM' | 'SCRAM-SHA-256' | 'X509')[] }
      tls: {
        enabled: boolean
        certificateKeySecretRef: { name: string }
        caConfigMapRef: { name: string }
      }
    }
    users: {
      name: string
      db: string
      passwordSecretRef: { name: string; key: string }
      roles: { name: string; db: string }[]
      scramCredentialsSecretName: string
      connectionStringSecretName: string
      connectionStringSecretNamespace: string
      additionalConnectionStringConfig: Record<string, string>
    }[]
    /** Merged into the operator's own StatefulSet, lists by name. */
    statefulSet: { spec: Patch<StatefulSetSpec> }
  }
}

const { name, selector, documents } = names.database
const labels = names.labels(selector, name, 'database')

/** Three members, one user with the application's rights, and TLS between all of them. */
export const replicaSet = (storage: string, username: string) =>
  ({
    apiVersion: 'mongodbcommunity.mongodb.com/v1',
    kind: 'MongoDBCommunity',
    metadata: { name, namespace: names.databaseNamespace, labels },
    spec: {
      type: 'ReplicaSet',
      // Three keep a majority when one is gone; an arbiter in place of the third would have a vote
      // but no data, and majority writes would then stop.
      members: 3,
      version: '8.0.17',
      // The version of the files. Set, so that a new server does not raise it: the old one could not open them again.
      featureCompatibilityVersion: '8.0',
      security: {
        authentication: { modes: ['SCRAM'] },
        tls: {
          enabled: true,
          certificateKeySecretRef: { name: 'mongodb-tls' },
          caConfigMapRef: { name: certificateAuthority },
        },
      },
      users: [
        {
          name: username,
          db: 'admin',
          passwordSecretRef: { name: names.secret, key: 'password' },
          // Its own documents and no more; the minikube target's user is the server's root.
          roles: [{ name: 'readWrite', db: documents }],
          scramCredentialsSecretName: username,
          connectionStringSecretName: connectionSecret,
          connectionStringSecretNamespace: names.applicationNamespace.cloud,
          // Where the application's pod has the authority's certificate.
          additionalConnectionStringConfig: { tlsCAFile: '/run/credentials/ca.crt' },
        },
      ],
      statefulSet: {
        spec: {
          template: {
            metadata: { labels },
            spec: {
              affinity: {
                podAntiAffinity: {
                  // Two members on one node would fail together.
                  requiredDuringSchedulingIgnoredDuringExecution: [
                    {
                      labelSelector: { matchLabels: selector },
                      topologyKey: 'kubernetes.io/hostname',
                    },
                  ],
                },
              },
              topologySpreadConstraints: [
                {
                  topologyKey: 'topology.kubernetes.io/zone',
                  maxSkew: 1,
                  whenUnsatisfiable: 'ScheduleAnyway',
                  labelSelector: { matchLabels: selector },
                },
              ],
              containers: [
                {
                  name: 'mongod',
                  // See database.ts for the variable and for why there is no CPU limit. mongod's cache
                  // is half of what it has over 1 GiB.
                  env: [{ name: 'GLIBC_TUNABLES', value: 'glibc.pthread.rseq=1' }],
                  resources: {
                    requests: { cpu: '500m', memory: '2Gi' },
                    limits: { memory: '2Gi' },
                  },
                },
                {
                  name: 'mongodb-agent',
                  resources: {
                    requests: { cpu: '100m', memory: '256Mi' },
                    limits: { cpu: '1', memory: '512Mi' },
                  },
                },
              ],
            },
          },
          volumeClaimTemplates: [
            // The operator's own names. The cloud's default class makes the volumes.
            { metadata: { name: 'data-volume' }, spec: { resources: { requests: { storage } } } },
          ],
        },
      },
    },
  }) satisfies MongoDBCommunity

/** The operator makes none; without it two nodes could be drained at once, and the majority with them. */
export const memberDisruptionBudget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'mongodb-disruption', namespace: names.databaseNamespace, labels },
  spec: {
    maxUnavailable: 1,
    // A member that recovers is not ready, and still has a vote.
    unhealthyPodEvictionPolicy: 'IfHealthyBudget',
    selector: { matchLabels: selector },
  },
} satisfies PodDisruptionBudget
