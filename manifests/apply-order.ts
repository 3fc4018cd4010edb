// The order of applying on minikube: what others need first, and the application only after its database.

interface ApplyStep {
  readonly file: string
  /** What `kubectl rollout status` waits for before the next file. */
  readonly waitFor?: string
  /** Only for a database of our own. */
  readonly ofDatabase?: true
  /** Only if there is to be a nightly backup. */
  readonly ofBackup?: true
  /** Seconds that the wait may take. */
  readonly deadline?: number
}

/** The one table of it: manifests.ts writes these files, both scripts apply them. */
export const minikubeOrder: readonly ApplyStep[] = [
  { file: 'dev-space.yaml' },
  // Before any pod: a pod that starts earlier would be open to everyone for a moment.
  { file: 'network.yaml' },
  { file: 'mongo-config.yaml' },
  { file: 'mongo-secret.yaml', ofDatabase: true },
  { file: 'mongo-volume.yaml', ofDatabase: true },
  // The first start pulls the image.
  {
    file: 'mongo-stateful.yaml',
    ofDatabase: true,
    waitFor: 'statefulset/mongodb',
    deadline: 300,
  },
  { file: 'app.yaml', waitFor: 'deployment/app-deployment', deadline: 180 },
  // After the pods: it would take a Deployment without pods for one without load.
  { file: 'app-autoscale.yaml' },
  { file: 'backup.yaml', ofBackup: true },
]
