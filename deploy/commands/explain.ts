// explain.ts STEP [DETAIL]: what to say and which exit code to use after a command of the scripts has failed.
// The command's own words are already on the screen; this adds what they mean and one remedy.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { application } from '../../manifests/names.ts'
import {
  ask,
  kubectlOf,
  listAt,
  nameOf,
  namespace,
  numberAt,
  parseJson,
  textAt,
} from '../cluster/kubectl.ts'
import { minikubePaths } from '../cluster/machine.ts'
import { cannotAsk } from '../cluster/reach.ts'
import {
  anotherClusterRemedy,
  certificateHint,
  certificateRemedy,
  commandsFor,
  type Diagnosis,
  giveUp,
} from '../cluster/report.ts'
import { refusalOf } from '../cluster/trouble.ts'
import { readArguments } from './command-line.ts'

const { profile, words } = readArguments()
const [step = '', detail = ''] = words
const commands = commandsFor(profile)
const { kubectl, minikube, deploy } = commands

const steps: Record<string, Diagnosis> = {
  start: {
    outcome: 'notStarted',
    what: `minikube did not start the cluster "${profile}"`,
    words: 'minikube names its reason above, after "Exiting due to"',
    remedy: `${minikube('logs')}; if it is beyond repair, make ${anotherClusterRemedy(profile)}`,
  },
  addon: {
    outcome: 'notStarted',
    what: 'the addon metrics-server cannot be enabled; the autoscaler would see nothing',
    remedy: minikube('addons enable metrics-server'),
  },
  build: {
    outcome: 'build',
    what: 'docker build failed; its last lines above say where',
    remedy:
      'mend what they name and run the same command again; nothing in the cluster has changed',
  },
  load: {
    outcome: 'notLoaded',
    what: `the image could not be given to the cluster "${profile}"`,
    remedy: 'run the same command again; docker images must show it',
  },
  folder: {
    outcome: 'container',
    what: 'the folders of the database and of the backups cannot be made in the node',
    remedy: minikube('ssh -- sudo install -d -o 999 -g 999 /data/mongodb /data/backups'),
  },
  remove: {
    outcome: 'refused',
    what: 'not everything could be removed; the reason is above',
    remedy: `again; what is gone is not an error: ${deploy('down')}`,
  },
  push: {
    outcome: 'push',
    what: `${detail} could not be pushed; docker names its reason above`,
    remedy: 'check the name, and that your account may write there: docker login',
  },
  restart: {
    outcome: 'refused',
    what: 'the cluster does not restart the application; its reason is above',
    remedy: deploy('status'),
  },
  rollback: {
    outcome: 'refused',
    what: 'the cluster does not roll the application back; its reason is above',
    remedy: kubectl('rollout history deployment/app-deployment'),
  },
  open: {
    outcome: 'noAnswer',
    what: 'minikube could not open the service; it names its reason above',
    remedy: deploy('status'),
  },
  logs: {
    outcome: 'notDeployed',
    what: 'kubectl could not read the logs; it names its reason above',
    remedy: deploy('status'),
  },
  'no-answer': {
    outcome: 'noAnswer',
    what: `nothing answered: ${detail}`,
    remedy: `${deploy('status')}; if the URL needs a tunnel: ${deploy('open')}`,
  },
  answer: {
    outcome: 'wrongAnswer',
    what: `${detail} did not answer as it should`,
    remedy: `${deploy('status')}, and ${deploy('logs')}`,
  },
}

/** What minikube noted of the start that has failed, which is more than it shows; undefined if it noted nothing. */
function startLog(): string | undefined {
  const anHourAgo = Date.now() - 3_600_000
  const file = minikubePaths('logs/lastStart.txt').find(
    (path) => existsSync(path) && statSync(path).mtimeMs > anHourAgo,
  )
  if (file === undefined) return undefined
  // Other lines about certificates are about minikube's own, which each start makes again.
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => /unknown authority|certificate problem/.test(line)).join('\n')
}

/** What docker keeps of the last build; undefined if it keeps nothing, as before Docker 28. */
async function buildLog(): Promise<string | undefined> {
  const kept = await ask('docker', ['buildx', 'history', 'logs'], { seconds: 10 })
  return kept.code === 0 ? kept.out + kept.err : undefined
}

/** The step, with the remedy for a company's certificate if that is why; a hint, if only the screen has the words. */
function withCertificate(step: Diagnosis, log: string | undefined): Diagnosis {
  const remedy = log === undefined ? `${step.remedy}; ${certificateHint}` : certificateRemedy(log)
  return remedy === undefined ? step : { ...step, remedy }
}

/** The other Service that has the node port: the one refusal with a remedy of its own. */
async function portTrouble(): Promise<Diagnosis | undefined> {
  // Of all namespaces: the port may be another's Service.
  const all = await ask('kubectl', ['get', 'services', '-A', '-o', 'json', '--context', profile])
  const source = readFileSync('build/app.yaml', 'utf8')
  const port = Number(/nodePort: (\d+)/.exec(source)?.[1])
  const other = listAt(parseJson(all.out), 'items').find(
    (service) =>
      listAt(service, 'spec', 'ports').some((entry) => numberAt(entry, 'nodePort') === port) &&
      `${textAt(service, 'metadata', 'namespace')}/${nameOf(service)}` !==
        `${namespace}/${application.service}`,
  )
  if (other === undefined) return undefined
  const owner = `${textAt(other, 'metadata', 'namespace')}/${nameOf(other)}`
  return {
    outcome: 'portTaken',
    what: `node port ${port} belongs to the Service ${owner}`,
    remedy: deploy(`up --node-port ${port === 32767 ? 30000 : port + 1}`),
  }
}

/** Asks again without a change, for the words: those of the first time are on the screen only. */
async function refusal(): Promise<Diagnosis> {
  const kubectl = kubectlOf(profile)
  const asked = await kubectl(['apply', '--dry-run=server', '-f', detail])
  const said = asked.code === 0 ? '' : asked.err.trim()
  if (/unable to connect|connection (?:to|refused)|unauthorized|logged in|timeout/i.test(said)) {
    return cannotAsk(profile, said)
  }
  // A dry run may take a port that the first run found taken.
  const ofPort = detail === 'build/app.yaml' && (said === '' || /port is already/.test(said))
  return (ofPort ? await portTrouble() : undefined) ?? refusalOf(detail, said, commands)
}

async function diagnosis(): Promise<Diagnosis> {
  if (step === 'apply') return await refusal()
  const found = steps[step] ?? {
    outcome: 'unexpected',
    what: `${step} ${detail} failed`,
    remedy: deploy('status'),
  }
  if (step === 'start') return withCertificate(found, startLog())
  return step === 'build' ? withCertificate(found, await buildLog()) : found
}

giveUp(await diagnosis())
