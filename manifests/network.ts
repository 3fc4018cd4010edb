// network.yaml: which pods may talk to which. minikube's default network does not enforce it; Calico does.
import type {
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from 'kubernetes-types/networking/v1.js'
import { explainFindings } from './analysers.ts'
import { toExternalDatabase } from './external-database.ts'
import * as names from './names.ts'
import type { Settings } from './options.ts'

const { application, backup, database } = names

const tcp = (port: number): NetworkPolicyPort => ({ protocol: 'TCP', port })
const within = (namespace: string, matchLabels: Record<string, string>): NetworkPolicyPeer => ({
  // Every namespace has this label from the API server itself.
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels },
})

const dns = {
  to: [
    within('kube-system', { 'k8s-app': 'kube-dns' }),
    // NodeLocal DNSCache, which many clouds put in front of it.
    { ipBlock: { cidr: '169.254.20.10/32' } },
  ],
  // TCP too, for answers that do not fit a UDP packet.
  ports: [{ protocol: 'UDP', port: 53 }, tcp(53)],
}

const metadata = (name: string, namespace: string) => ({
  name,
  namespace,
  labels: {
    'app.kubernetes.io/part-of': 'data-service',
    'app.kubernetes.io/managed-by': 'manifests.ts',
  },
})

/** Nothing in, nothing out. The other policies only ever add to it. */
export const denyAll = (namespace: string) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata('deny-all', namespace),
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  }) satisfies NetworkPolicy

const toDatabase: NetworkPolicyEgressRule = {
  to: [within(names.databaseNamespace, database.selector)],
  ports: [tcp(database.port)],
}

/** The way to the database, if that is not ours; undefined: to ours. */
export const databaseEgress = ({ database, databaseCidr = [] }: Settings) =>
  database === 'external' ? toExternalDatabase(databaseCidr) : undefined

/** The application answers everyone and asks two: DNS and the database. */
export const applicationNetwork = (namespace: string, database = toDatabase) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(application.deployment, namespace),
    spec: {
      podSelector: { matchLabels: application.selector },
      policyTypes: ['Ingress', 'Egress'],
      // No `from`: a node port's client arrives with the node's address, which no selector matches.
      ingress: [{ ports: [tcp(application.port)] }],
      egress: [dns, database],
    },
  }) satisfies NetworkPolicy

/** The backup answers nobody, and asks the same two. */
export const backupNetwork = (namespace: string, database = toDatabase) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(backup.name, namespace),
    spec: {
      podSelector: { matchLabels: backup.selector },
      policyTypes: ['Ingress', 'Egress'],
      egress: [dns, database],
    },
  }) satisfies NetworkPolicy

const fromApplication = (namespace: string) => ({
  from: [within(namespace, application.selector), within(namespace, backup.selector)],
  ports: [tcp(database.port)],
})

/** The single database: the application and the backup may come in, and it calls nobody. */
export const databaseNetwork = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(database.name, names.databaseNamespace),
  spec: {
    podSelector: { matchLabels: database.selector },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [fromApplication(names.applicationNamespace.minikube)],
    // No `egress`: with the type above, nothing is allowed. An empty list would differ at every apply.
  },
} satisfies NetworkPolicy

/**
 * The replica set: its members also speak to each other, and their agents to the API server, whose
 * address is the cloud's own. No deny-all here: the operator may live in this namespace.
 */
export const membersNetwork = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: {
    ...metadata(database.name, names.databaseNamespace),
    annotations: explainFindings('operatorsPods'),
  },
  spec: {
    podSelector: { matchLabels: database.selector },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      fromApplication(names.applicationNamespace.cloud),
      { from: [{ podSelector: { matchLabels: database.selector } }], ports: [tcp(database.port)] },
    ],
    egress: [
      dns,
      { to: [{ podSelector: { matchLabels: database.selector } }], ports: [tcp(database.port)] },
      { ports: [tcp(443), tcp(6443)] },
    ],
  },
} satisfies NetworkPolicy
