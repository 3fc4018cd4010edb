// The names that several objects share: objects refer to each other only through these.
export const databaseNamespace = 'mongo'

/** In the cloud target the application lives apart from its database, with rights of its own. */
export const applicationNamespace = { minikube: databaseNamespace, cloud: 'data-service' } as const

export const config = 'mongo-config'
export const options = 'deploy-options'
export const secret = 'mongo-secret'
/** Made by whoever wants a token: see manifests/api-token.ts. */
export const tokenSecret = 'api-token'

/** What the pods may run on: the processors for which all of their images exist. */
export const platforms = ['linux/amd64', 'linux/arm64'] as const

/** A database that others run: made by its owner, see manifests/external-database.ts. */
export const uriSecret = 'mongodb-uri'

export const application = {
  deployment: 'app-deployment',
  service: 'app-service',
  autoscaler: 'app-autoscale',
  disruption: 'app-disruption',
  port: 5000,
  /** Of the Service in the cloud, where the port is free. */
  servicePort: 80,
  // The image's own user is 1000, which on many nodes is also a person's. Nobody has a number above 10000:
  // what escapes the container owns nothing outside it.
  user: 10001,
  // A selector can never be changed, so it holds the one label that never will be.
  selector: { 'app.kubernetes.io/name': 'data-service' },
} as const

export const host = {
  gateway: 'app-gateway',
  route: 'app-route',
  redirect: 'app-redirect',
  ingress: 'app-ingress',
  /** The Certificate, and its Secret. */
  certificate: 'app-tls',
} as const

export const monitoring = {
  pods: 'app-monitor',
  alerts: 'app-alerts',
  dashboard: 'app-dashboard',
} as const

export const database = {
  // Also the Service's name, so a pod is mongodb-0.mongodb: DNS asks for the Service, not the set.
  name: 'mongodb',
  // The application connects to this one.
  client: 'mongodb-client',
  port: 27017,
  // The official image's user. hostPath ignores fsGroup, so the volume's folder has this owner.
  user: 999,
  documents: 'mongo_data',
  selector: { 'app.kubernetes.io/name': 'mongodb' },
} as const

export const backup = {
  name: 'app-backup',
  claim: 'app-backups',
  volume: 'app-backups',
  /** On minikube: the folder of the node, beside the database's. */
  folder: '/data/backups',
  container: 'backup',
  // Not the application's: its Service would send it requests.
  selector: { 'app.kubernetes.io/name': 'data-service-backup' },
} as const

/** The labels that Kubernetes recommends: `kubectl get all -l app.kubernetes.io/part-of=data-service`. */
export const labels = (
  selector: Record<string, string>,
  instance: string,
  component: 'application' | 'database' | 'backup',
): Record<string, string> => ({
  ...selector,
  'app.kubernetes.io/instance': instance,
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/part-of': 'data-service',
  'app.kubernetes.io/managed-by': 'manifests.ts',
})
