// What to do about each exit code of the scripts. The compiler asks for a line if a new one has none.
import { exitCodes, type Outcome } from '../../deploy/cluster/report.ts'
import { table } from './generated-parts.ts'

const remedies: Readonly<Record<Outcome, string>> = {
  done: 'Nothing.',
  unexpected: 'The last command shown with `+` failed. Its own message is above; run it by hand.',
  usage: '`--help` lists commands and options.',
  declined: 'Run it again and answer yes, or add `--yes`.',
  toolMissing: 'Install what the message names. It has the command for this system.',
  dockerDown:
    'Start Docker Desktop, or `sudo systemctl start docker`. On Linux: are you in the group `docker`?',
  tooSmall: 'Docker Desktop: Settings, Resources: 2 processors and 4 GB at least.',
  notStarted:
    'Read minikube’s message above. Its log: `minikube -p PROFILE logs`. If the cluster is beyond repair: make another beside it, `--profile NAME`; deleting it deletes its documents.',
  npm: 'Usually the network or a proxy: `npm config get proxy`. Then run it again.',
  foreign: 'The context of that name is another cluster. Use another name: `--profile NAME`.',
  build:
    'The line of the Dockerfile is above. Often the network, or a full disk: `docker system df`.',
  notLoaded:
    'Run it again. If it stays so: free disk in the node, `minikube -p PROFILE ssh -- df -h /var`.',
  manifests: 'The message names the option or the file in `build/`.',
  refused:
    'The API server’s words are above. The last line names the field and what to do about it.',
  portTaken: '`--node-port` with another number, or delete the Service that the message names.',
  notDeployed: '`./deploy.sh up` first.',
  notWell:
    'The first line of `./deploy.sh status` says what is wrong, and its remedy what to do about it.',
  unschedulable:
    'The message says what is in the way: CPU, memory, a volume, or the taint of a node.',
  imagePull:
    'The node does not have the image: `./deploy.sh up` loads it. For `mongo`: the network, or Docker Hub’s limit.',
  crashLoop: 'The last lines of the container are above, with what its exit code means.',
  wrongPassword:
    'The volume has a different password from the Secret: it keeps the one that it was made with. Bring the old `build/mongo-secret.yaml` back. If it is lost: `npm run export` while an older pod still answers, since `./deploy.sh down --data` deletes the documents.',
  container: 'The message names the setting, the secret or the folder that is missing.',
  podRefused:
    'A quota or the Pod Security level of the namespace forbids the pod; the event is above.',
  deadline:
    'It was under way, but slow. `./deploy.sh status`, then run it again: it continues where it was.',
  noAnswer:
    'Is there a firewall or a VPN in between? `minikube -p PROFILE service app-service -n mongo --url` by hand.',
  wrongAnswer:
    'Something else listens at that address, or an older version of the application does.',
  noScaling: 'See [why it can stay at 26 %](kubernetes.md#why-it-can-stay-at-26--forever).',
  failedRequests:
    'The report names the first failures. `./deploy.sh logs`, and see the codes below.',
  notLoggedIn: '`docker login REGISTRY`, which asks for the password and does not show it.',
  push: 'The registry’s words are above: no such repository, or no right to write to it.',
  backup:
    'The job says why in its last lines: see [the nightly backup](#the-nightly-backup). Earlier backups stay as they are.',
  restore:
    'The job says why in its last lines: see [restore](#restore). Fix it, and restore again: what was put aside is backed up first.',
  interrupted: 'You pressed Ctrl+C. Run it again: it continues where it was.',
}

/** The table: code, meaning, remedy. */
export const exitCodeRunbook = (): string =>
  table(
    ['code', 'what it says', 'what to do'],
    Object.entries(remedies).map(([outcome, remedy]) => {
      const { code, meaning } = exitCodes[isOutcome(outcome) ? outcome : 'unexpected']
      return [`${code}`, meaning, remedy]
    }),
  )

const isOutcome = (name: string): name is Outcome => Object.hasOwn(exitCodes, name)
