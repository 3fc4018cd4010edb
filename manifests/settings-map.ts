// mongo-config.yaml: where the application finds its database. Nothing in here is secret.
import type { ConfigMap } from 'kubernetes-types/core/v1.js'
import * as names from './names.ts'
import type { Settings } from './options.ts'

/** The application's settings; each key is an environment variable of the container. */
export function settingsMap({ target, database }: Settings, user: string) {
  const address = {
    // Within a namespace a Service's name is enough: the first entry of the pod's search list makes it
    // mongodb-client.mongo.svc.cluster.local. The long form would be asked for last (it has under 5 dots).
    DB_URL: `${names.database.client}:${names.database.port}`,
    // The same as in the secret. Here because an environment variable from a secret can be read by
    // everyone who can read the pod; so only the password comes from there, as a file.
    USER_NAME: user,
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: names.config,
      namespace: names.applicationNamespace[target],
      labels: names.labels(names.application.selector, names.config, 'application'),
    },
    data: {
      DB_NAME: names.database.documents,
      // The secret of the operator or of an owner has the whole connection string: members, user, TLS.
      ...(target === 'minikube' && database !== 'external' ? address : {}),
    },
  } satisfies ConfigMap
}
