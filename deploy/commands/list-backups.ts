// list-backups.ts: the backups in the folder of the node, the newest first, and how one is restored.
import { stdout } from 'node:process'
import { backup } from '../../manifests/names.ts'
import { ask } from '../cluster/kubectl.ts'
import { commandsFor, giveUp, say, table } from '../cluster/report.ts'
import { readArguments } from './command-line.ts'

const { profile } = readArguments()
const { deploy, minikube } = commandsFor(profile)
const look = ['ssh', '-p', profile, '--', 'sudo', 'ls', '-1s', '--block-size=1', backup.folder]
const answer = await ask('minikube', look)
const isMissing = /No such file/.test(answer.out + answer.err)
if (answer.code !== 0 && !isMissing) {
  giveUp({
    outcome: 'restore',
    what: 'the folder of the backups cannot be read',
    words: answer.err || answer.out,
    remedy: minikube(`ssh -- sudo ls ${backup.folder}`),
  })
}
const found = answer.out
  .split(/\r?\n/)
  .flatMap((line) => {
    const [, bytes = '', name = ''] = /^\s*(\d+) (\S+\.ndjson\.gz)$/.exec(line) ?? []
    return name === '' ? [] : [{ name, bytes: Number(bytes) }]
  })
  .sort((one, other) => other.name.localeCompare(one.name))
if (found.length === 0) say(`there is no backup yet: ${deploy('backup')} makes one`)
else {
  const rows = found.map(({ name, bytes }) => [name, `${(bytes / 2 ** 20).toFixed(1)} MiB`])
  stdout.write(`${table(rows).join('\n')}\n`)
  say(`\nTo restore one: ${deploy('restore FILE')}; the newest: ${deploy('restore latest')}`)
}
