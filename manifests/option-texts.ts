// What --help and docs/operations.md say of each option: its values, its default and what it costs.
import { makeUriSecret } from './external-database.ts'
import { databaseNamespace, host, tokenSecret, uriSecret } from './names.ts'
import { defaults } from './options.ts'

export interface OptionText {
  /** What follows the name. */
  readonly value: string
  readonly meaning: string
  /** The default, or what stands for it if the option is left out. */
  readonly fallback?: string
  /** What one pays for it, or what it takes to undo it. */
  readonly cost: string
  /** A second line of --help. */
  readonly more?: string
}

/** One row for each option, in the order of --help. A test holds it against the options that are read. */
export const optionTexts: Readonly<Record<string, OptionText>> = {
  target: {
    value: 'minikube|cloud',
    meaning: 'one node and one database, or many nodes and a replica set',
    fallback: defaults.target,
    cost: 'cloud: three database pods of 2 GiB, three volumes and a load balancer; it needs the operator',
  },
  profile: {
    value: 'minikube|cloud',
    meaning: 'the old name of --target',
    cost: 'none',
  },
  image: {
    value: 'NAME:TAG',
    meaning: "the application's image; never latest",
    fallback: defaults.image,
    cost: 'a rollout, one pod at a time',
  },
  replicas: {
    value: '2..5',
    meaning: 'the fewest pods of the application; the most are 5',
    fallback: `${defaults.replicas}`,
    cost: '100m of CPU and 128 MiB requested for each',
  },
  cpu: {
    value: '1..100',
    meaning: 'percent of the requested CPU at which pods are added',
    fallback: `${defaults.cpu}`,
    cost: 'a low one: pods sooner, and more of them idle',
  },
  'node-port': {
    value: '30000..32767',
    meaning: 'the port of the node, minikube only',
    fallback: `${defaults.nodePort}`,
    cost: 'another address for its clients',
  },
  storage: {
    value: 'SIZE',
    meaning: "the database's volume, in Mi, Gi or Ti",
    fallback: defaults.storage,
    cost: 'the disk, in the cloud three times; what is made does not change its size',
  },
  'scale-down-window': {
    value: 'SECONDS',
    meaning: 'how long load must be low before a pod goes, 0..3600',
    fallback: `${defaults.scaleDownWindow}`,
    cost: 'pods that idle for so long',
  },
  out: {
    value: 'FOLDER',
    meaning: 'where the files go',
    fallback: defaults.out,
    cost: 'a folder has a password of its own',
  },
  'adopt-secret': {
    value: 'FILE',
    meaning: "keep the credentials of the cluster's secret, - for standard input:",
    more: 'kubectl get secret mongo-secret -n mongo -o json',
    cost: 'none',
  },
  secret: {
    value: 'generated|external',
    meaning: "who makes the database's Secret, manifests.ts or you",
    fallback: 'what FOLDER has, else generated',
    cost: 'external: pods wait until the Secret is there; another password does not restart the pods',
  },
  database: {
    value: 'own|external',
    meaning: `whose it is; external: by the string in the Secret ${uriSecret}, which its owner makes`,
    fallback: 'what FOLDER has, else own',
    more: `kubectl -n ${databaseNamespace} ${makeUriSecret}`,
    cost: 'external: no database objects; backups and upgrades are its owner’s; pods wait until the Secret is there',
  },
  'database-cidr': {
    value: 'CIDR,CIDR...',
    meaning: 'the addresses of an external one, by any port',
    fallback: 'port 27017 anywhere',
    cost: 'pods reach no other database; to change it with the owner’s addresses',
  },
  'api-token': {
    value: 'none|writes|all',
    meaning: `what needs the token in the Secret ${tokenSecret}, which you make`,
    fallback: 'what FOLDER has; else none, which the cloud has to be told',
    more: `kubectl create secret generic ${tokenSecret} -n mongo --from-literal=token=...`,
    cost: 'every client needs the token; pods wait until the Secret is there',
  },
  host: {
    value: 'NAME',
    meaning: 'the name in DNS under which clients come, with TLS; cloud only',
    fallback: 'none, and no TLS',
    cost: 'it needs the Gateway API or an Ingress controller; its load balancer is instead of ours',
  },
  'tls-issuer': {
    value: 'NAME',
    meaning: 'the ClusterIssuer (or Issuer/NAME) that signs for --host',
    fallback: `none: you make the Secret ${host.certificate}`,
    cost: 'it needs cert-manager, which renews it',
  },
  ingress: {
    value: 'CLASS',
    meaning: 'an Ingress of that class, such as nginx, leads to --host',
    fallback: 'none: a Gateway does',
    cost: 'none',
  },
  'gateway-class': {
    value: 'NAME',
    meaning: 'the GatewayClass of the Gateway: kubectl get gatewayclass',
    fallback: defaults.gatewayClass,
    cost: 'a load balancer, as a rule',
  },
  'source-ranges': {
    value: 'CIDR,CIDR...',
    meaning: 'whom the load balancer lets in, cloud only; 0.0.0.0/0 is everybody',
    fallback: 'private addresses',
    cost: 'without --host there is no TLS',
  },
  backup: {
    value: 'nightly|none',
    meaning: 'a job that backs up the documents, and restores and compares what it wrote',
    fallback: defaults.backup,
    cost: 'nightly: a volume; 50m of CPU and 128 MiB requested while it runs. none: no way back after a mistake',
  },
  'backup-schedule': {
    value: 'CRON',
    meaning: 'when, in UTC; the newest seven are kept',
    fallback: `'${defaults.backupSchedule}'`,
    cost: 'over 26 hours between two: the alert fires',
  },
  'backup-storage': {
    value: 'SIZE',
    meaning: 'the volume of the backups, in Mi, Gi or Ti',
    fallback: defaults.backupStorage,
    cost: 'the disk; eight backups have to fit, each about a fifth of its documents as JSON',
  },
  monitoring: {
    value: '',
    meaning: 'monitoring.yaml too: what Prometheus scrapes, alerts, a dashboard',
    fallback: 'no',
    cost: 'it needs the Prometheus operator; 100 to 200 series for each pod',
  },
  'runbook-url': {
    value: 'URL',
    meaning: 'where the alerts find docs/operations.md',
    fallback: defaults.runbookUrl,
    cost: 'none',
  },
  cluster: {
    value: 'NAME',
    meaning: 'the minikube cluster it is for; up says it',
    cost: 'none',
  },
  'volume-node': {
    value: 'NAME',
    meaning: "the node with the database's folder, if there are several, minikube only; up says it",
    cost: 'the database runs on that node alone',
  },
}

const indent = 31

const linesOf = ([name, { value, meaning, fallback, more }]: [string, OptionText]): string => {
  const left = `  --${name} ${value}`.trimEnd()
  // A name that leaves no room has its meaning on the next line.
  const first = left.length < indent ? left.padEnd(indent) : `${left}\n${' '.repeat(indent)}`
  const second = more === undefined ? '' : `\n${' '.repeat(indent)}${more}`
  return `${first}${meaning}${fallback === undefined ? '' : ` (${fallback})`}${second}\n`
}

export const help = `Writes every Kubernetes object of the data service as YAML.

npm run manifests '--' [options]        the quotes are for Windows PowerShell

${Object.entries(optionTexts).map(linesOf).join('')}  --help

The credentials are made once: a mongo-secret.yaml in FOLDER is kept as it is, and put aside in a folder of
its own if FOLDER was made for another target or cluster. The next up takes over what was asked for here.
FOLDER/kustomize has the same objects for kubectl apply -k.
Exit code: 0, or 2 with every wrong option named.
`
