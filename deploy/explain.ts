// explain.ts STEP [DETAIL]: what to say and how to end after a command of the scripts has failed.
// The command's own words are already on the screen; this adds what they mean and one remedy.
import { readFileSync } from 'node:fs'
import { application } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { at, list, number, parse, text } from './json.ts'
import { namespace } from './kubectl.ts'
import { type Diagnosis, giveUp } from './report.ts'
import { ask } from './tool.ts'
import { nameOf } from './workload.ts'

const { profile, words } = readArguments()
const [step = '', detail = ''] = words

const steps: Record<string, Diagnosis> = {
  start: {
    outcome: 'notStarted',
    what: `minikube did not start the cluster "${profile}"`,
    words: 'minikube names its reason above, after "Exiting due to"',
    remedy: `minikube logs -p ${profile}; a cluster beyond repair: minikube delete -p ${profile} (its documents go too)`,
  },
  addon: {
    outcome: 'notStarted',
    what: 'the addon metrics-server cannot be enabled; the autoscaler would see nothing',
    remedy: `minikube addons enable metrics-server -p ${profile}`,
  },
  build: {
    outcome: 'build',
    what: 'docker build failed; its last lines above say where',
    remedy: 'mend what they name and run the same word again; nothing in the cluster has changed',
  },
  load: {
    outcome: 'notLoaded',
    what: `the image could not be given to the cluster "${profile}"`,
    remedy: 'run the same word again; docker images must show it',
  },
  folder: {
    outcome: 'container',
    what: "the database's folder cannot be made in the node",
    remedy: `minikube ssh -p ${profile} -- sudo install -d -o 999 -g 999 /data/mongodb`,
  },
  remove: {
    outcome: 'refused',
    what: 'not everything could be removed; the reason is above',
    remedy: './deploy.sh down again (Windows: ./deploy.ps1 down): what is gone is no error',
  },
  push: {
    outcome: 'push',
    what: `${detail} could not be pushed; docker names its reason above`,
    remedy: 'check the name, and that your account may write there: docker login',
  },
  open: {
    outcome: 'noAnswer',
    what: 'minikube could not open the service; it names its reason above',
    remedy: './deploy.sh status (Windows: ./deploy.ps1 status)',
  },
  logs: {
    outcome: 'notDeployed',
    what: 'kubectl could not read the logs; it names its reason above',
    remedy: './deploy.sh status (Windows: ./deploy.ps1 status)',
  },
  'no-answer': {
    outcome: 'noAnswer',
    what: `nothing answered: ${detail}`,
    remedy:
      './deploy.sh status, or ./deploy.sh open if the URL needs a tunnel (Windows: ./deploy.ps1)',
  },
  answer: {
    outcome: 'wrongAnswer',
    what: `${detail} did not answer as it should`,
    remedy: './deploy.sh status, and ./deploy.sh logs (Windows: ./deploy.ps1)',
  },
}

/** The Service of another that has the node port, which is the one refusal with a cure of its own. */
async function portTrouble(): Promise<Diagnosis | undefined> {
  // Of all namespaces: another's Service is what is looked for.
  const all = await ask('kubectl', ['get', 'services', '-A', '-o', 'json', '--context', profile])
  const source = readFileSync('build/app.yaml', 'utf8')
  const port = Number(/nodePort: (\d+)/.exec(source)?.[1])
  const other = list(parse(all.out), 'items').find(
    (service) =>
      list(service, 'spec', 'ports').some((entry) => number(entry, 'nodePort') === port) &&
      `${text(service, 'metadata', 'namespace')}/${nameOf(service)}` !==
        `${namespace}/${application.service}`,
  )
  if (other === undefined) return undefined
  const owner = `${text(at(other), 'metadata', 'namespace')}/${nameOf(other)}`
  return {
    outcome: 'portTaken',
    what: `node port ${port} belongs to the Service ${owner}`,
    remedy: `./deploy.sh up --node-port ${port === 32767 ? 30000 : port + 1} (Windows: ./deploy.ps1 up --node-port ...)`,
  }
}

if (step === 'apply') {
  giveUp(
    (detail === 'build/app.yaml' ? await portTrouble() : undefined) ?? {
      outcome: 'refused',
      what: `the cluster refused ${detail}; its reason is above`,
      remedy: `kubectl apply -n ${namespace} --context ${profile} --dry-run=server -f ${detail}`,
    },
  )
}
giveUp(
  steps[step] ?? {
    outcome: 'unexpected',
    what: `${step} ${detail} failed`,
    remedy: './deploy.sh status (Windows: ./deploy.ps1 status)',
  },
)
