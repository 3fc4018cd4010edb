// write-manifests.ts --image NAME [options]: writes build/ for this cluster, with its password, and with its
// own options if none are given. It stops before anything is applied that would cost documents, lock the
// application out, or open it.
import { existsSync, readFileSync } from 'node:fs'
import { stdout } from 'node:process'
import { type Credentials, readCredentials } from '../../manifests/credentials.ts'
import { makeUriSecret } from '../../manifests/external-database.ts'
import { claimFolder, readMadeWith, secretFile } from '../../manifests/made-with.ts'
import { application, backup, secret, tokenSecret, uriSecret } from '../../manifests/names.ts'
import { keptOptions, readCommandLine } from '../../manifests/options.ts'
import { OptionFault } from '../../manifests/write-files.ts'
import { writeManifests } from '../../manifests.ts'
import {
  ask,
  awaitNamespace,
  findObject,
  getObjects,
  kubectlOf,
  listAt,
  textAt,
} from '../cluster/kubectl.ts'
import { anotherClusterRemedy, commandsFor, exportLine, giveUp, say } from '../cluster/report.ts'
import { askedFor, clusterOptions, volumeNode } from '../cluster/workload.ts'
import { readArguments } from './command-line.ts'
import { checkRollback } from './note-rollback.ts'

const folder = 'build'

const { profile, value: option, flag } = readArguments(['yes'], ['image', ...keptOptions])
const kubectl = kubectlOf(profile)
const commands = commandsFor(profile)
const { deploy } = commands

/** The objects that `up` may change, and the nodes. */
async function askCluster(): Promise<[unknown[], unknown[]]> {
  const held = await awaitNamespace(kubectl, commands)
  if (held) giveUp(held)
  const [found, nodes] = await Promise.all([
    getObjects(kubectl, ...askedFor),
    getObjects(kubectl, 'nodes'),
  ])
  // A single object comes without a list around it.
  const isList = textAt(found, 'kind') === 'List'
  const items = isList ? listAt(found, 'items') : found === undefined ? [] : [found]
  return [items, listAt(nodes, 'items')]
}

const isSame = (one: Credentials, other: Credentials) =>
  one.username === other.username && one.password === other.password

function checkPassword(ofCluster: Credentials): void {
  const path = `${folder}/${secretFile}`
  if (!existsSync(path)) {
    say(`${folder}/ has the cluster's password again`)
    return
  }
  const ofFolder = readCredentials(readFileSync(path, 'utf8'))
  if (!ofFolder || isSame(ofFolder, ofCluster)) return
  giveUp({
    outcome: 'manifests',
    what: `${path} holds another password than the Secret ${secret} of the cluster "${profile}": nothing is changed`,
    meaning:
      "the database knows the password of the day its volume was empty, which is the cluster's unless somebody has changed the Secret",
    remedy: [
      `to go on with the cluster's: rm ${path}, then ${deploy('up')}`,
      `if somebody has changed the Secret: ${commands.kubectl(`apply -f ${path}`)}, then ${deploy('up')}`,
    ].join('\n            '),
  })
}

/** A new password would lock everyone out of existing documents. */
async function checkFolder(): Promise<void> {
  if (existsSync(`${folder}/${secretFile}`)) return
  const look = ['ssh', '-p', profile, '--', 'sudo', 'ls', '-A', '/data/mongodb']
  const answer = await ask('minikube', look)
  const isMissing = /No such file/.test(answer.out + answer.err)
  if (answer.code !== 0 && !isMissing) {
    giveUp({
      outcome: 'manifests',
      what: "whether the node has documents in the database's folder cannot be asked: nothing is changed",
      words: answer.err || answer.out,
      remedy: commands.minikube('ssh -- sudo ls -A /data/mongodb'),
    })
  }
  if (isMissing || answer.out.trim() === '') {
    say('the cluster has no password yet: a new one will be made')
    return
  }
  giveUp({
    outcome: 'wrongPassword',
    what: `/data/mongodb of "${profile}" has documents, and neither the cluster nor ${folder}/ has their password`,
    meaning:
      'the database keeps the password of the day its volume was empty; a new one would open nothing',
    remedy: `put ${secretFile} of that day into ${folder}/. Without it nobody can read them: ${anotherClusterRemedy(profile)}; or ${deploy('down --data')}, which deletes the documents (first save the documents: ${commands.minikube('ssh -- sudo tar -C /data -c mongodb > mongodb.tar')})`,
  })
}

const [items, nodes] = await askCluster()
claimFolder(folder, 'minikube', profile)

const has = clusterOptions(items)
const asked = readMadeWith(folder)?.asked ?? {}
const given = Object.fromEntries(
  keptOptions.flatMap((name) => {
    const value = option(name) ?? asked[name]
    return value === undefined ? [] : [[name, value]]
  }),
)

/** The cluster's own login, which build/ is to have; undefined if it has none yet. */
async function findLogin(): Promise<Credentials | undefined> {
  const ofCluster = findObject(items, 'Secret', secret)
  if (ofCluster === undefined) {
    await checkFolder()
    return undefined
  }
  const credentials = readCredentials(JSON.stringify(ofCluster))
  if (credentials === undefined) {
    giveUp({
      outcome: 'manifests',
      what: `the Secret ${secret} of the cluster has no username and password: nothing is changed`,
      remedy: commands.kubectl(`get secret ${secret} -o yaml`),
    })
  }
  checkPassword(credentials)
  return credentials
}

/** For an external database: what to know before the pods look for it. */
function sayElsewhere(): undefined {
  if (!findObject(items, 'Secret', uriSecret)) {
    say(
      `the application waits for the Secret ${uriSecret}; whoever runs the database makes it: ${commands.kubectl(makeUriSecret)}`,
    )
  }
  if (findObject(items, 'PersistentVolume', 'mongo-volume')) {
    say(
      'the documents in /data/mongodb of the node stay there, and the application does not use them',
    )
  }
}

const isElsewhere = (given.database ?? has.database) === 'external'
if (!isElsewhere) delete has['database-cidr']
if ((given.backup ?? has.backup) === 'none') delete has['backup-schedule']
const credentials = isElsewhere ? sayElsewhere() : await findLogin()
if (!given['api-token'] && !has['api-token'] && findObject(items, 'Secret', tokenSecret)) {
  giveUp({
    outcome: 'manifests',
    what: `the cluster has a Secret ${tokenSecret}, and nothing says any more what needs it: nothing is changed`,
    remedy: `say it: ${deploy('up --api-token writes')}, or all; none opens the service to everybody`,
  })
}
if (given.storage && has.storage && given.storage !== has.storage) {
  giveUp({
    outcome: 'usage',
    what: `--storage ${given.storage}: the volume has ${has.storage}, and a claim of a volume cannot be changed`,
    remedy: `first save the documents (${exportLine}); then ${deploy('down --data')}, which deletes the documents; ${deploy(`up --storage ${given.storage}`)}; npm run import -- backup.ndjson --url URL`,
  })
}
if (
  given['backup-storage'] &&
  (has['backup-storage'] ?? given['backup-storage']) !== given['backup-storage']
) {
  giveUp({
    outcome: 'usage',
    what: `--backup-storage ${given['backup-storage']}: the volume has ${has['backup-storage']}, and a claim of a volume cannot be changed`,
    remedy: `${commands.kubectl(`delete cronjob/${backup.name} pvc/${backup.claim} pv/${backup.volume}`)} (the backups stay in ${backup.folder} of the node), then ${deploy(`up --backup-storage ${given['backup-storage']}`)}`,
  })
}
// Last, since it forgets the rollback if another image comes.
await checkRollback(
  kubectl,
  findObject(items, 'Deployment', application.deployment),
  option('image') ?? '',
  flag('yes'),
)

const kept = keptOptions.filter((name) => given[name] === undefined && has[name] !== undefined)
if (kept.length > 0) {
  say(`kept as the cluster has it: ${kept.map((name) => `--${name} ${has[name]}`).join(', ')}`)
}

const node = volumeNode(items, nodes)
if (node !== undefined) say(`the documents are in /data/mongodb of the node ${node}`)
// biome-ignore format: by kind, some in a line
const commandLine = readCommandLine([
  '--image', option('image') ?? '', '--cluster', profile,
  ...(node === undefined ? [] : ['--volume-node', node]),
  ...Object.entries({ ...has, ...given }).map(([name, value]) => `--${name}=${value}`),
])
try {
  if (commandLine.ask !== 'write') {
    throw new OptionFault(commandLine.ask === 'refuse' ? commandLine.faults.join('\n') : '')
  }
  stdout.write(`${writeManifests(commandLine, credentials).files.join('\n')}\n`)
} catch (error) {
  giveUp({
    outcome: error instanceof OptionFault ? 'usage' : 'manifests',
    what: `manifests.ts did not write ${folder}/`,
    words: error instanceof Error ? error.message : String(error),
    remedy: 'npm run manifests -- --help',
  })
}
