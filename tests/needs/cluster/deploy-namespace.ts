// The namespace is deleted, with everything in it but the folder of the volume.
import { cpSync, mkdirSync } from 'node:fs'
import { kubectl, tryKubectl } from './cluster.ts'
import { type Fault, holdFaults } from './deploy-faults.ts'
import { inProject, makeProject } from './deploy-project.ts'

const held = (...finalizers: string[]) =>
  tryKubectl(
    'patch',
    'configmap',
    'held',
    '-n',
    'mongo',
    '--type=merge',
    '-p',
    JSON.stringify({ metadata: { finalizers } }),
  )
const secret = () => inProject('build/mongo-secret.yaml')
const saved = () => inProject('../mongo-secret.yaml')

// In this order: each is what the one before it has left.
const faults: readonly Fault[] = [
  {
    name: 'the namespace is being removed, and a finalizer holds it',
    breaks: async () => {
      cpSync(secret(), saved())
      await kubectl('create', 'configmap', 'held', '-n', 'mongo')
      await held('example.com/held')
      await kubectl('delete', 'namespace', 'mongo', '--wait=false')
    },
    words: ['status'],
    outcome: 'notWell',
    says: /^NOT WELL: the namespace mongo is being removed[\s\S]*example\.com\/held/,
    stays: true,
  },
  {
    name: 'up waits for its end, and says what holds it',
    outcome: 'refused',
    says: /the namespace mongo is being removed[\s\S]*example\.com\/held[\s\S]*edit KIND\/NAME/,
    mends: () => held(),
    stays: true,
  },
  {
    name: 'the namespace was deleted, and a fresh clone has no password',
    breaks: async () => {
      await kubectl('wait', '--for=delete', 'namespace/mongo', '--timeout=120s')
      makeProject()
    },
    outcome: 'wrongPassword',
    says: /\/data\/mongodb of \S+ has documents, and neither the cluster nor build\//,
    mends: () => {
      mkdirSync(inProject('build'), { recursive: true })
      cpSync(saved(), secret())
    },
    stays: true,
  },
  {
    name: 'the volume is that of the claim that went with the namespace',
    outcome: 'unschedulable',
    says: /no node takes pod mongodb-0: its volume is not bound/,
    typed: [/kubectl \S+ \S+ -n mongo delete statefulset\/mongodb .* --ignore-not-found/],
  },
]

export const toldOfNamespace = () => holdFaults(faults)
