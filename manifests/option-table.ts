// The one table of the options: what each means, takes and costs, its default, and how its text is read.
// options.ts, --help and docs/operations.md are made of it, in its order.
import { existsSync, statSync } from 'node:fs'
import { isTokenScope } from './api-token.ts'
import { isDatabasePlace, makeUriSecret } from './external-database.ts'
import { databaseNamespace, host, tokenSecret, uriSecret } from './names.ts'
import {
  dnsName,
  isSecretSource,
  matching,
  pinnedImage,
  ranges,
  size,
  target,
  wholeNumber,
} from './option-forms.ts'

export interface Option<T> {
  /** What follows the name; empty for a flag. */
  readonly value: string
  readonly meaning: string
  /** The setting without the option. */
  readonly default: T
  /** The default in words, if there is more to say of it. */
  readonly shown?: string
  /** What one pays for it, or what it takes to undo it. */
  readonly cost: string
  /** A second line of --help. */
  readonly more?: string
  /** A cluster keeps it: `up` does not change it unless it is told to. */
  readonly kept?: true
  /** The setting; undefined if the text is not one. */
  parse(text: string): T | undefined
  /** What the text must be. */
  readonly form: string
  /** What else is wrong with a text that can be read. */
  fault?(text: string): string | undefined
}

export const options = {
  target: {
    value: 'minikube|cloud',
    meaning: 'one node and one database, or many nodes and a replica set',
    default: 'minikube',
    cost: 'cloud: three database pods of 2 GiB, three volumes and a load balancer; it needs the operator',
    ...target,
  },
  profile: {
    value: 'minikube|cloud',
    meaning: 'the old name of --target',
    default: undefined,
    cost: 'none',
    ...target,
  },
  image: {
    value: 'NAME:TAG',
    meaning: "the application's image; never latest",
    default: 'data-service:dev',
    cost: 'a rollout, one pod at a time',
    parse: pinnedImage,
    form: 'NAME:TAG with a tag other than latest',
  },
  'node-port': {
    value: '30000..32767',
    meaning: 'the port of the node, minikube only',
    default: 30300,
    cost: 'another address for its clients',
    kept: true,
    ...wholeNumber(30000, 32767),
  },
  replicas: {
    value: '2..5',
    meaning: 'the fewest pods of the application; the most are 5',
    default: 2,
    cost: '100m of CPU and 128 MiB requested for each',
    kept: true,
    ...wholeNumber(2, 5),
  },
  cpu: {
    value: '1..100',
    meaning: 'percent of the requested CPU at which pods are added',
    default: 70,
    cost: 'a low one: pods sooner, and more of them idle',
    kept: true,
    ...wholeNumber(1, 100),
  },
  'scale-down-window': {
    value: 'SECONDS',
    meaning: 'how long load must be low before a pod goes, 0..3600',
    default: 300,
    cost: 'pods that idle that long',
    kept: true,
    ...wholeNumber(0, 3600),
  },
  storage: {
    value: 'SIZE',
    meaning: "the database's volume, in Mi, Gi or Ti",
    default: '1Gi',
    cost: 'the disk, in the cloud three times; what is made does not change its size',
    kept: true,
    ...size,
  },
  out: {
    value: 'FOLDER',
    meaning: 'where the files go',
    default: 'build',
    cost: 'a folder has a password of its own',
    ...matching(/./, 'a folder'),
    fault: (text) =>
      existsSync(text) && !statSync(text).isDirectory() ? 'is not a folder' : undefined,
  },
  'adopt-secret': {
    value: 'FILE',
    meaning: "keep the credentials of the cluster's secret, - for standard input:",
    default: undefined,
    more: 'kubectl get secret mongo-secret -n mongo -o json',
    cost: 'none',
    ...matching(/./, 'a file, or - for standard input'),
    fault: (text) => (text === '-' || existsSync(text) ? undefined : 'there is no such file'),
  },
  secret: {
    value: 'generated|external',
    meaning: "who makes the database's Secret, manifests.ts or you",
    default: undefined,
    shown: 'what FOLDER has, else generated',
    cost: 'external: pods wait until the Secret is there; another password does not restart the pods',
    parse: (text: string) => (isSecretSource(text) ? text : undefined),
    form: 'generated or external',
  },
  'api-token': {
    value: 'none|writes|all',
    meaning: `what needs the token in the Secret ${tokenSecret}, which you make`,
    default: undefined,
    shown: 'what FOLDER has; else none, which the cloud has to be told',
    more: `kubectl create secret generic ${tokenSecret} -n mongo --from-literal=token=...`,
    cost: 'every client needs the token; pods wait until the Secret is there',
    kept: true,
    parse: (text: string) => (isTokenScope(text) ? text : undefined),
    form: 'none, writes or all',
  },
  database: {
    value: 'own|external',
    meaning: `whose it is; external: by the string in the Secret ${uriSecret}, which its owner makes`,
    default: undefined,
    shown: 'what FOLDER has, else own',
    more: `kubectl -n ${databaseNamespace} ${makeUriSecret}`,
    cost: 'external: no database objects; backups and upgrades are its owner’s; pods wait until the Secret is there',
    kept: true,
    parse: (text: string) => (isDatabasePlace(text) ? text : undefined),
    form: 'own or external',
  },
  'database-cidr': {
    value: 'CIDR,CIDR...',
    meaning: 'the addresses of an external one, by any port',
    default: undefined,
    shown: 'port 27017 anywhere',
    cost: 'pods reach no other database; to change it with the owner’s addresses',
    kept: true,
    ...ranges,
  },
  host: {
    value: 'NAME',
    meaning: 'the name in DNS under which clients come, with TLS; cloud only',
    default: undefined,
    shown: 'none, and no TLS',
    cost: 'it needs the Gateway API or an Ingress controller; its load balancer is instead of ours',
    parse: (text: string) => (dnsName.test(text) && text.includes('.') ? text : undefined),
    form: 'a name in DNS such as api.example.com, in lower case',
  },
  'tls-issuer': {
    value: 'NAME',
    meaning: 'the ClusterIssuer (or Issuer/NAME) that signs for --host',
    default: undefined,
    shown: `none: you make the Secret ${host.certificate}`,
    cost: 'it needs cert-manager, which renews it',
    parse: (text: string) =>
      dnsName.test(text.replace(/^(?:Cluster)?Issuer\//, '')) ? text : undefined,
    form: 'the name of a ClusterIssuer, or Issuer/NAME',
  },
  ingress: {
    value: 'CLASS',
    meaning: 'an Ingress of that class, such as nginx, leads to --host',
    default: undefined,
    shown: 'none: a Gateway does',
    cost: 'none',
    ...matching(dnsName, 'the name of an IngressClass: kubectl get ingressclass'),
  },
  'gateway-class': {
    value: 'NAME',
    meaning: 'the GatewayClass of the Gateway: kubectl get gatewayclass',
    default: 'eg',
    cost: 'a load balancer, as a rule',
    ...matching(dnsName, 'the name of a GatewayClass: kubectl get gatewayclass'),
  },
  'source-ranges': {
    value: 'CIDR,CIDR...',
    meaning: 'whom the load balancer lets in, cloud only; 0.0.0.0/0 is everybody',
    // Those of RFC 1918: nobody comes in from the internet unless an option says so.
    default: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    shown: 'private addresses',
    cost: 'without --host there is no TLS',
    ...ranges,
  },
  backup: {
    value: 'nightly|none',
    meaning: 'a job that backs up the documents, and restores and compares what it wrote',
    default: 'nightly',
    cost: 'nightly: a volume; 50m of CPU and 128 MiB requested while it runs. none: no way back after a mistake',
    kept: true,
    parse: (text: string) => (text === 'nightly' || text === 'none' ? text : undefined),
    form: 'nightly or none',
  },
  'backup-schedule': {
    value: 'CRON',
    meaning: 'when, in UTC; the newest seven are kept',
    default: '30 1 * * *',
    shown: "'30 1 * * *'",
    cost: 'over 26 hours between two: the alert fires',
    kept: true,
    ...matching(
      /^(?:@(?:hourly|daily|weekly)|[\d*,/-]+(?: [\d*,/-]+){2} [\w*,/-]+ [\w*,/-]+)$/,
      "five fields of cron such as '30 1 * * *'",
    ),
  },
  'backup-storage': {
    value: 'SIZE',
    meaning: 'the volume of the backups, in Mi, Gi or Ti',
    default: '2Gi',
    cost: 'the disk; eight backups have to fit, each about a fifth of its documents as JSON',
    kept: true,
    ...size,
  },
  monitoring: {
    value: '',
    meaning: 'monitoring.yaml too: what Prometheus scrapes, alerts, a dashboard',
    default: false,
    shown: 'no',
    cost: 'it needs the Prometheus operator; 100 to 200 series for each pod',
    parse: () => true,
    form: '',
  },
  'runbook-url': {
    value: 'URL',
    meaning: 'where the alerts find docs/operations.md',
    default: 'docs/operations.md',
    cost: 'none',
    ...matching(/^https?:\/\/\S+$/, 'http://... or https://...'),
  },
  cluster: {
    value: 'NAME',
    meaning: 'the minikube cluster it is for; up says it',
    default: undefined,
    cost: 'none',
    ...matching(/^[a-z\d][a-z\d-]+$/i, 'the name of a minikube profile'),
  },
  'volume-node': {
    value: 'NAME',
    meaning: "the node with the database's folder, if there are several, minikube only; up says it",
    default: undefined,
    cost: 'the database runs on that node alone',
    ...matching(/^[a-z\d](?:[a-z\d.-]{0,61}[a-z\d])?$/, 'the name of a node'),
  },
} satisfies Record<string, Option<unknown>>

export type OptionName = keyof typeof options

export const isOptionName = (name: string): name is OptionName => Object.hasOwn(options, name)

/** The rows in their order. */
export const optionRows = (): (readonly [OptionName, Option<unknown>])[] =>
  Object.entries<Option<unknown>>(options).map(([name, row]) => {
    if (!isOptionName(name)) throw new Error(`not an option: ${name}`)
    return [name, row]
  })

/** The default as a person reads it; empty if there is none. */
export const defaultOf = ({ default: value, shown }: Option<unknown>): string =>
  shown ?? (value === undefined ? '' : String(value))
