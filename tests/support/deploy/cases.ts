// What the scripts are run through on recorded tools: every command, and all that can break on the way.
import { exitCodes, type Outcome } from '../../../deploy/cluster/report.ts'
import type { World } from './world.ts'

export interface Case {
  name: string
  words: readonly string[]
  facts?: readonly string[]
  prepare?: (world: World) => void
  env?: NodeJS.ProcessEnv
  outcome?: Outcome
  /** What the last words on the screen must name. */
  says?: RegExp
  /** The run may have asked, and done nothing. */
  unchanged?: true
  /** What standard output must begin with; nothing, if it is left out. */
  prints?: RegExp
}

/** The facts of a machine on which the application runs. */
export const there = ['exists', 'running', 'metrics', 'deployed']

const proxy = 'http://127.0.0.1:1'
const deadProxy = { http_proxy: proxy, HTTP_PROXY: proxy, https_proxy: proxy, HTTPS_PROXY: proxy }

/** Runs that end well. */
export const words: readonly Case[] = [
  {
    name: 'up as the default command, on a machine without a cluster',
    words: [],
    says: /Next: (?:\.\/deploy\.sh|\S+ -ExecutionPolicy Bypass -File \.\/deploy\.ps1) test, /,
  },
  { name: 'up with a cluster that is stopped', words: ['up'], facts: ['exists'] },
  { name: 'up with a cluster that is half started', words: ['up'], facts: ['exists', 'half'] },
  { name: 'up on an empty cluster that runs', words: ['up'], facts: ['exists', 'running'] },
  {
    name: 'up in a fresh checkout beside a cluster with a password',
    words: ['up'],
    facts: [...there, 'secret'],
  },
  {
    name: 'up with every option',
    words: ['up', '--node-port', '30301', '--replicas=3', '--cpu', '50', '--scale-down-window=15'],
    facts: there,
  },
  {
    name: 'up with a database that others run',
    words: ['up', '--database', 'external', '--database-cidr=10.1.0.0/16'],
    facts: ['exists', 'running', 'metrics', 'documents'],
  },
  {
    name: 'up on two nodes, of which one has no image',
    words: ['up'],
    facts: there,
    prepare: (world) => {
      const labels = { 'kubernetes.io/hostname': 'minikube', 'minikube.k8s.io/primary': 'true' }
      const items = [{ metadata: { labels } }, { metadata: { labels: {} } }]
      world.set('nodes', JSON.stringify({ items }))
    },
  },
  { name: 'status', words: ['status'], facts: there },
  { name: 'test', words: ['test'], facts: there },
  {
    name: 'up while the namespace is being removed',
    words: ['up'],
    facts: there,
    prepare: (world) =>
      world.set(
        'fault-namespace',
        '{"kind":"Namespace","metadata":{"name":"mongo","deletionTimestamp":"2026-11-24"}}',
      ),
  },
  {
    name: 'test of a service that asks for a token',
    words: ['test'],
    facts: [...there, 'token'],
  },
  {
    name: 'up on a new cluster, with options for its machine',
    words: [
      'up',
      '--memory=4g',
      '--cpus',
      '4',
      '--driver',
      'docker',
      '--kubernetes-version=v1.34.0',
    ],
  },
  {
    name: 'up with the options of a cluster that is stopped',
    words: ['up', '--api-token', 'none', '--storage=1Gi', '--kubernetes-version', 'v1.34.0'],
    facts: ['exists'],
  },
  { name: 'load', words: ['load', '--minutes', '1', '--clients', '4'], facts: there },
  { name: 'open', words: ['open'], facts: there },
  { name: 'logs', words: ['logs'], facts: there },
  { name: 'restart', words: ['restart'], facts: there },
  { name: 'rollback', words: ['rollback'], facts: there },
  { name: 'push', words: ['push', 'localhost:5000/me/service'], facts: there },
  { name: 'push with a tag', words: ['push', 'localhost:5000/me/service:v1'], facts: there },
  {
    name: 'push for two kinds of processors',
    words: ['push', 'localhost:5000/me/service', '--platform', 'linux/amd64,linux/arm64'],
    facts: there,
  },
  {
    name: 'up for another profile, which the words that come next name',
    words: ['up', '--profile', 'data'],
    says: /Next: .*deploy\.(?:sh|ps1) test --profile data, .* open --profile data\s*$/,
  },
  {
    name: 'up with the docker of another computer',
    words: ['up'],
    prepare: (world) => world.set('docker-host', 'ssh://me@server'),
    says: /another computer \(ssh:\/\/me@server\)/,
  },
  {
    name: 'test with a proxy that reaches nothing here',
    words: ['test'],
    facts: there,
    env: { ...deadProxy, NO_PROXY: '', no_proxy: '' },
  },
  {
    name: 'load of a service that asks for a token',
    words: ['load', '--minutes', '1'],
    facts: [...there, 'token'],
  },
  {
    name: 'push without minikube and kubectl',
    words: ['push', 'localhost:5000/me/service'],
    prepare: (world) => {
      world.remove('minikube')
      world.remove('kubectl')
    },
  },
  {
    name: 'push of an image that the nodes cannot run',
    words: ['push', 'localhost:5000/me/service'],
    facts: [...there, 'arm-node'],
    says: /is for amd64, and the nodes of "minikube" are arm64.*--platform linux\/amd64,linux\/arm64/,
  },
  { name: 'down', words: ['down', '--yes'], facts: there },
  { name: 'down with the data', words: ['down', '--data', '--yes'], facts: there },
  { name: 'down with the cluster', words: ['down', '--cluster', '--yes'], facts: there },
  {
    name: 'down with the data and the backups',
    words: ['down', '--data', '--backups', '--yes'],
    facts: there,
  },
  { name: 'down when there is nothing', words: ['down'] },
  {
    name: 'up without a backup',
    words: ['up', '--backup', 'none'],
    facts: there,
  },
  {
    name: 'up with a backup at another time',
    words: ['up', '--backup-schedule', '0 4 * * 0', '--backup-storage=1Gi'],
    facts: there,
  },
  {
    name: 'backup',
    words: ['backup'],
    facts: there,
    prints: /^100 documents are in data-service-.*\.ndjson\.gz, restored and compared/,
  },
  {
    name: 'restore without a file, which lists',
    words: ['restore'],
    facts: [...there, 'backups'],
    prints: /^data-service-2026-11-27T01-30-00Z\.ndjson\.gz {2}1\.5 MiB\ndata-service-2026-11-26/,
    says: /To restore one: .* restore FILE; the newest: .* restore latest/,
  },
  {
    name: 'restore without a backup',
    words: ['restore'],
    facts: there,
    says: /there is no backup yet: .* backup makes one/,
  },
  {
    name: 'restore',
    words: ['restore', 'latest', '--yes'],
    facts: there,
    prints: /^100 documents/,
  },
]

/** The exit code that the case must end with. */
export const codeOf = ({ outcome }: Case): number => exitCodes[outcome ?? 'done'].code
