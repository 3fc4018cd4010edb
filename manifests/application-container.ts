// The application's container: what it reads, what it may use, how it is probed and how it ends.
import type { Container } from 'kubernetes-types/core/v1.js'
import { tokenVariables } from './api-token.ts'
import { uriSources } from './external-database.ts'
import { bodiesLimit, heapOption } from './memory.ts'
import * as names from './names.ts'
import { certificateAuthority, connectionSecret } from './operator.ts'
import type { Settings } from './options.ts'
import { containerSecurity } from './pod-security.ts'

// Seconds. A pod that ends has three things to do, one after the other, and the kubelet's limit is for all of them.
const leave = 5 // until every node's proxy has stopped sending it new connections
const drainDelay = 5 // until clients with open connections have read `Connection: close`
const drainDeadline = 20 // until what is in flight has been answered
const spare = 5

/** How long a pod may take to leave before the kubelet kills it. */
export const gracePeriod = leave + drainDelay + drainDeadline + spare

// Measured on two cores that it shared with its database: idle 5 m and 33 Mi; one client in a loop of
// GET / 306 m and 44 Mi (2,300 requests a second), 64 clients that read and write 57 Mi. Flooded with
// bodies of 16 to 30 MiB, documents or arrays of millions of numbers, of which it answers most with
// 413 and 503, 950 m and 441 Mi. The rest is reserve: such floods and many connections together.
const resources = {
  // Low, so that one impatient client makes the autoscaler act, and five pods fit on a laptop.
  requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
  // JavaScript runs on one thread; more than one CPU would only serve the garbage collector. The disk
  // holds the log, of which the kubelet keeps 50 MiB.
  limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '256Mi' },
}
/** What the kernel kills the container over. */
export const memoryLimit = resources.limits.memory

/** The files with the connection to the database; environment variables would show in the pod. */
const credentials = {
  minikube: {
    env: { name: 'USER_PWD_FILE', value: '/run/credentials/password' },
    sources: [{ secret: { name: names.secret, items: [{ key: 'password', path: 'password' }] } }],
  },
  cloud: {
    env: { name: 'MONGODB_URI_FILE', value: '/run/credentials/uri' },
    // The pod waits until the operator has written its secret, and its events say so.
    sources: [
      {
        secret: {
          name: connectionSecret,
          items: [{ key: 'connectionString.standardSrv', path: 'uri' }],
        },
      },
      { configMap: { name: certificateAuthority, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    ],
  },
  external: {
    env: { name: 'MONGODB_URI_FILE', value: '/run/credentials/uri' },
    sources: uriSources,
  },
}

/** Those that the settings need. */
export const databaseCredentials = ({ target, database }: Settings) =>
  credentials[database === 'external' ? database : target]

/** The container of either target; they differ in how it finds its database. */
export const container = (settings: Settings) =>
  ({
    name: 'app',
    image: settings.image,
    // minikube's node was given the image; a cloud's node asks whether the tag has changed.
    imagePullPolicy: settings.target === 'minikube' ? 'IfNotPresent' : 'Always',
    envFrom: [{ configMapRef: { name: names.config } }],
    env: [
      databaseCredentials(settings).env,
      ...tokenVariables(settings.apiToken ?? 'none'),
      { name: 'PORT', value: `${names.application.port}` },
      { name: 'NODE_OPTIONS', value: heapOption(memoryLimit) },
      { name: 'MAX_BODIES', value: bodiesLimit(memoryLimit) },
      { name: 'DRAIN_DELAY', value: `${drainDelay}s` },
      { name: 'DRAIN_DEADLINE', value: `${drainDeadline}s` },
    ],
    ports: [{ name: 'http', containerPort: names.application.port }],
    resources,
    securityContext: containerSecurity,
    startupProbe: {
      httpGet: { path: '/livez', port: 'http' },
      periodSeconds: 1,
      failureThreshold: 60,
    },
    // It does not ask the database: restarting the application would not mend that.
    livenessProbe: {
      httpGet: { path: '/livez', port: 'http' },
      periodSeconds: 10,
      timeoutSeconds: 5,
    },
    // Without the database all pods become unready at once. A Service without pods refuses connections,
    // while the application itself would answer 503 with Retry-After: so it stays in for a minute,
    // longer than a database takes to restart. A pod that ends is taken out without the probe.
    readinessProbe: {
      httpGet: { path: '/readyz', port: 'http' },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 12,
    },
    lifecycle: { preStop: { sleep: { seconds: leave } } },
    volumeMounts: [{ name: 'credentials', mountPath: '/run/credentials', readOnly: true }],
  }) satisfies Container
