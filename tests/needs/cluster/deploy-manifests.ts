// What people change in manifests/ and the cluster refuses, cannot run or never finds ready.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { edited, type Fault, holdFaults } from './deploy-faults.ts'
import { inProject } from './deploy-project.ts'

const source = () => inProject('manifests/database.ts')
let good = ''

const faults: readonly Fault[] = [
  {
    name: 'a limit below the request',
    env: () => edited('s/memory: 1Gi/memory: 100Mi/'),
    outcome: 'refused',
    says: /because of spec\.template\.spec\.containers\[0\]\.resources\.requests\n[\s\S]*memory limit of 100Mi/,
  },
  {
    name: 'an annotation that is a number',
    env: () => edited('s/change-cause: .*/change-cause: 5/'),
    outcome: 'refused',
    says: /because of \S*annotations[\s\S]*cannot unmarshal number/,
  },
  {
    name: 'a probe asks for a path that is not there',
    slow: true,
    env: () => edited('s#path: /readyz#path: /nowhere#'),
    outcome: 'notWell',
    says: /the readinessProbe of pod \S+ asks for \/nowhere and gets 404\n[\s\S]*statuscode: 404/,
  },
  {
    name: 'a container asks for more processors than the node has',
    slow: true,
    env: () => edited('s/cpu: 100m/cpu: "64"/; s/cpu: "1"/cpu: "64"/; s/cpu: \'1\'/cpu: \'64\'/'),
    outcome: 'unschedulable',
    says: /app asks for cpu 64, memory \S+; node \S+ has cpu \d+[\s\S]*Insufficient cpu[\s\S]*--cpus 4/,
  },
  {
    name: 'a memory limit that is too small for Node',
    slow: true,
    env: () => edited('s/memory: 1Gi/memory: 20Mi/; s/memory: 128Mi/memory: 20Mi/'),
    outcome: 'crashLoop',
    says: /container app ended \d+ times\n(?![\s\S]*GLIBC_TUNABLES)[\s\S]*20Mi/,
  },
  {
    name: 'an image of the database that no registry has',
    slow: true,
    breaks: () => {
      good = readFileSync(source(), 'utf8')
      const image = /mongo:\d[^']*/.exec(good)?.[0] ?? assert.fail('no image')
      writeFileSync(source(), good.replace(image, 'mongo:9.9.9'))
    },
    outcome: 'imagePull',
    says: /pod mongodb-0: container mongodb waits, \w+ for \S*mongo:9\.9\.9\n/,
    mends: () => writeFileSync(source(), good),
  },
]

export const toldOfManifests = () => holdFaults(faults)
