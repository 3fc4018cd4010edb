// What is wrong with a machine: its tools, docker, minikube, a proxy, the image, the registry.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Case, there } from './cases.ts'

/** An answer of `minikube status`, with the exit code that goes with it. */
const minikubeSays = (code: number, ...nodes: object[]) =>
  `${code}\n${JSON.stringify(nodes.length === 1 ? nodes[0] : nodes)}`
const node = { Host: 'Running', Kubelet: 'Running', APIServer: 'Running', Kubeconfig: 'Configured' }

/** An answer of `minikube profile list` for a profile that was made otherwise. */
const profileWith = (driver: string, version: string) =>
  JSON.stringify({
    invalid: [],
    valid: [
      {
        Name: 'minikube',
        Config: { Driver: driver, KubernetesConfig: { KubernetesVersion: version } },
      },
    ],
  })

export const machineCases: readonly Case[] = [
  {
    name: 'docker is podman',
    words: ['up'],
    facts: ['podman'],
    outcome: 'toolMissing',
    says: /docker is podman 5\.4\.2 under docker's name/,
    unchanged: true,
  },
  {
    name: "docker is the one inside minikube's node",
    words: ['up'],
    facts: there,
    env: { MINIKUBE_ACTIVE_DOCKERD: 'minikube', DOCKER_HOST: 'tcp://192.168.49.2:2376' },
    outcome: 'dockerDown',
    says: /remedy: +\S*.*minikube -p minikube docker-env -u/,
    unchanged: true,
  },
  {
    name: 'docker has no such context',
    words: ['up'],
    prepare: (world) =>
      world.set('fault-docker-down', 'Failed to initialize: context "x": context not found'),
    outcome: 'dockerDown',
    says: /context not found[\s\S]*docker context use default/,
    unchanged: true,
  },
  {
    name: 'the engine of another computer is down',
    words: ['up'],
    facts: ['fault-docker-down'],
    prepare: (world) => world.set('docker-host', 'ssh://me@server'),
    outcome: 'dockerDown',
    says: /remedy: +docker asks ssh:\/\/me@server/,
    unchanged: true,
  },
  ...['up', 'down', 'status'].map(
    (command): Case => ({
      name: `${command} while KUBECONFIG is another cluster's file`,
      words: [command],
      facts: there,
      prepare: (world) =>
        world.set('fault-status', minikubeSays(4, { ...node, Kubeconfig: 'Misconfigured' })),
      env: { KUBECONFIG: '/home/me/work.yaml' },
      outcome: 'foreign',
      says: /KUBECONFIG names \/home\/me\/work\.yaml[\s\S]*-p minikube update-context \(.*current context/,
      unchanged: true,
    }),
  ),
  {
    name: 'minikube status fails',
    words: ['up'],
    facts: there,
    prepare: (world) =>
      world.set(
        'fault-status',
        '37\n{"type":"io.k8s.sigs.minikube.error","data":{"exitcode":"37","message":"no permission for profiles"}}\n',
      ),
    outcome: 'notStarted',
    says: /minikube's status \(exit code 37\)[\s\S]*no permission for profiles/,
    unchanged: true,
  },
  {
    name: 'the API server of a running node has an error',
    words: ['up'],
    facts: there,
    prepare: (world) =>
      world.set('fault-status', minikubeSays(2, { ...node, Name: 'minikube', APIServer: 'Error' })),
    outcome: 'notStarted',
    says: /minikube: host Running, kubelet Running, API server Error/,
    unchanged: true,
  },
  {
    name: 'the API server is slow: minikube says Stopped, and it answers kubectl',
    words: ['up'],
    facts: [...there, 'half', 'slow'],
    outcome: 'notStarted',
    says: /minikube: host Running, kubelet Running, API server Stopped/,
    unchanged: true,
  },
  ...['up', 'status'].map(
    (command): Case => ({
      name: `${command}: a dead proxy keeps minikube and kubectl from a cluster that runs`,
      words: [command],
      facts: [...there, 'half'],
      env: { HTTPS_PROXY: 'http://127.0.0.1:9' },
      outcome: 'notStarted',
      says: /192\.168\.58\.2:8443 was refused[\s\S]*NO_PROXY.*192\.168\.58\.2/,
      unchanged: true,
    }),
  ),
  ...['up', 'status'].map(
    (command): Case => ({
      name: `${command} while the API server refuses the account`,
      words: [command],
      facts: there,
      prepare: (world) =>
        world.set('fault-kubectl', 'error: You must be logged in to the server (Unauthorized)\n'),
      outcome: 'foreign',
      says: /\(Unauthorized\)[\s\S]*remedy: +minikube -p minikube start \(.*current context/,
      unchanged: true,
    }),
  ),
  {
    name: 'a proxy stands before the API server',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('fault-kubectl', 'Unable to connect to the server: Forbidden\n'),
    env: { HTTPS_PROXY: 'http://me:secret@proxy:3128' },
    outcome: 'notStarted',
    says: /server: Forbidden[\s\S]*NO_PROXY.*192\.168\.58\.2,192\.168\.49\.0\/24,10\.96\.0\.0\/12[\s\S]*HTTPS_PROXY is set/,
    unchanged: true,
  },
  {
    name: 'CoreDNS is scaled to 0',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('fault-dns', '{"spec":{"replicas":0},"status":{}}'),
    outcome: 'notStarted',
    says: /kubectl --context minikube scale deployment coredns -n kube-system --replicas=1/,
    unchanged: true,
  },
  {
    name: 'the profile was made with another driver',
    words: ['up', '--driver', 'docker'],
    facts: ['exists'],
    prepare: (world) => world.set('profiles', profileWith('virtualbox', 'v1.34.0')),
    outcome: 'notStarted',
    says: /the driver virtualbox[\s\S]*up --profile minikube-docker/,
    unchanged: true,
  },
  {
    name: 'the profile has an old Kubernetes',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('profiles', profileWith('docker', 'v1.28.3')),
    outcome: 'toolMissing',
    says: /Kubernetes 1\.28\.3 is too old[\s\S]*1\.30 or newer[\s\S]*minikube -p minikube start --kubernetes-version=stable/,
    unchanged: true,
  },
  {
    name: 'a tool is missing',
    words: ['up'],
    prepare: (world) => world.remove('minikube'),
    outcome: 'toolMissing',
    says: /minikube is missing[\s\S]*remedy: +\S/,
  },
  {
    name: 'the docker daemon is down',
    words: ['up'],
    facts: ['fault-docker-down'],
    outcome: 'dockerDown',
    says: /docker daemon does not answer[\s\S]*Cannot connect/,
  },
  {
    name: 'the profile is the name of a real cluster',
    words: ['up', '--profile', 'production'],
    outcome: 'foreign',
    says: /kubectl has a context "production", and minikube has no profile/,
  },
  {
    name: 'minikube does not start',
    words: ['up'],
    facts: ['fault-start'],
    outcome: 'notStarted',
    says: /out of disk space[\s\S]*minikube did not start/,
  },
  {
    name: 'the image build fails',
    words: ['up'],
    facts: ['fault-build'],
    outcome: 'build',
    says: /npm run build[\s\S]*docker build failed/,
  },
  {
    name: 'minikube start meets the certificate of a company’s proxy',
    words: ['up'],
    prepare: (world) =>
      world.set('fault-start', 'curl: (60) SSL certificate problem: unable to get local issuer\n'),
    outcome: 'notStarted',
    says: /did not start[\s\S]*remedy: +a proxy that signs with your company's certificate: .*\.minikube\/certs/,
  },
  {
    name: 'the build meets the certificate of a company’s proxy',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-build',
        'ERROR: failed to solve: node:26: tls: failed to verify certificate: x509: certificate signed by unknown authority\n',
      ),
    outcome: 'build',
    says: /build failed[\s\S]*remedy: +a proxy that signs with your company's certificate: /,
  },
  {
    name: 'npm in the build meets the certificate of a company’s proxy',
    words: ['push', 'localhost:5000/me/service'],
    facts: there,
    prepare: (world) => world.set('fault-build', 'npm error code SELF_SIGNED_CERT_IN_CHAIN\n'),
    outcome: 'build',
    says: /remedy: +a proxy that signs .* npm in the build .* into \.npmrc, as ca="-----BEGIN CERTIFICATE-----\\n\.\.\."/,
  },
  {
    name: 'a build whose output docker does not keep',
    words: ['up'],
    facts: ['fault-build', 'no-history'],
    outcome: 'build',
    says: /remedy: +mend what they name .*; if it names x509 or a certificate: a proxy/,
  },
  {
    name: 'image load ends with 0 and loads nothing',
    words: ['up'],
    facts: ['fault-load'],
    outcome: 'notLoaded',
    says: /the cluster does not have data-service:/,
  },
  {
    name: 'minikube does not say which images there are',
    words: ['up'],
    facts: ['exists', 'running', 'fault-images'],
    outcome: 'notLoaded',
    says: /does not say whether[\s\S]*handshake failed[\s\S]*minikube -p minikube image ls/,
  },
  {
    name: 'the registry refuses the image',
    words: ['push', 'localhost:5000/me/service'],
    facts: there,
    prepare: (world) => world.set('fault-push', 'dial tcp 127.0.0.1:5000: connection refused\n'),
    outcome: 'push',
    says: /connection refused[\s\S]*could not be pushed/,
  },
  {
    name: 'nobody is logged in to the registry',
    words: ['push', 'registry.example.com/me/service'],
    facts: ['fault-push'],
    outcome: 'notLoggedIn',
    says: /remedy: +docker login registry.example.com/,
  },
  {
    name: 'a push for two kinds of processors with a builder for one',
    words: ['push', 'localhost:5000/me/service', '--platform=linux/amd64,linux/arm64'],
    facts: there,
    prepare: (world) =>
      world.set(
        'fault-push',
        'ERROR: failed to build: Multi-platform build is not supported for the docker driver.\n',
      ),
    outcome: 'build',
    says: /one processor at a time[\s\S]*remedy: +docker buildx create --name several/,
  },
  {
    name: 'minikube status does not answer in time',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('fault-status', '124\n'),
    outcome: 'notStarted',
    says: /minikube's status \(exit code 124\) does not say .*nothing was changed/,
    unchanged: true,
  },
  {
    name: 'a taint keeps the DNS of the cluster out',
    words: ['up'],
    facts: there,
    prepare: (world) => {
      world.set('fault-dns', '{"spec":{"replicas":1},"status":{}}')
      const message = '0/1 nodes are available: 1 node(s) had untolerated taint {only: gpu}.'
      world.set('dns-pods', JSON.stringify({ items: [{ status: { conditions: [{ message }] } }] }))
      const taints = [{ key: 'only', value: 'gpu', effect: 'NoExecute' }]
      const items = [{ kind: 'Node', metadata: { name: 'minikube' }, spec: { taints } }]
      world.set('nodes', JSON.stringify({ items }))
    },
    outcome: 'notStarted',
    says: /its DNS does not: node minikube has the taint only=gpu:NoExecute[\s\S]*untolerated taint \{only: gpu\}[\s\S]*taint nodes minikube only:NoExecute-/,
    unchanged: true,
  },
  {
    name: 'Ctrl+C has ended the build first',
    words: ['up'],
    facts: ['fault-interrupted'],
    outcome: 'interrupted',
    says: /^(?![\s\S]*FAILED)/,
  },
  {
    name: 'a registry does not take what a credential helper gives',
    words: ['push', 'registry.example.com/me/service'],
    facts: ['fault-push'],
    env: { DOCKER_CONFIG: 'docker' },
    prepare: ({ folder }) => {
      mkdirSync(join(folder, 'docker'))
      const config = { credHelpers: { 'registry.example.com': 'ecr-login' } }
      writeFileSync(join(folder, 'docker/config.json'), JSON.stringify(config))
    },
    outcome: 'notLoggedIn',
    says: /does not take what docker-credential-ecr-login gives/,
  },
]
