// The backup job of the cluster: main.js FOLDER SCRATCH, and in BACKUP_TASK what to do (backup).
//
//   backup         makes a new file of FOLDER, which counts once it was restored in SCRATCH and compared
//   list           lists the backups
//   restore FILE   puts the documents of that backup, or the `latest`, in the place of the present ones
import '../node-version.ts'
import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import process, { argv, env, exit, stdout } from 'node:process'
import { readConfig } from '../config.ts'
import { openSwap } from '../store/mongo-swap.ts'
import { BackupFault, findBackup, formatSize, listBackups, partFile } from './backup-folder.ts'
import { type JobContext, makeBackup } from './make-backup.ts'
import { clearAside, type Database, openStore, restoreBackup } from './restore-backup.ts'

const exitCodes = { done: 0, failed: 1, settings: 2 } as const
const signals = { SIGINT: 130, SIGTERM: 143 } as const

const say = (words: string) => stdout.write(`${words}\n`)

function listing(folder: string): string {
  const all = listBackups(folder).map(({ name, bytes }) => `  ${name}  ${formatSize(bytes)}`)
  return all.length === 0 ? 'there is no backup yet' : ['backups:', ...all].join('\n')
}

/** What there is, whatever went wrong. */
function lastGood(folder: string): string {
  const [last] = listBackups(folder)
  return last ? `the last good backup is ${last.name}` : 'there is no earlier backup'
}

async function backUp(database: Database, context: JobContext): Promise<void> {
  const swap = openSwap({ ...database, by: context.job })
  const store = await openStore(database)
  try {
    const begun = Date.now()
    const made = await makeBackup(store, context)
    if (made === undefined && listBackups(context.folder).length > 0) {
      throw new BackupFault('the database has no documents, and earlier backups have some')
    }
    await swap.note(begun)
    say(
      made
        ? `${made.documents} documents are in ${made.name}, restored and compared`
        : 'the database has no documents yet: there is nothing to back up',
    )
    // What a killed restore has left.
    for (const name of await clearAside(database, swap, context)) {
      say(`what a restore had put aside is in ${name}`)
    }
  } finally {
    await Promise.all([store.close(), swap.close()])
  }
}

async function restore(asked: string, database: Database, context: JobContext): Promise<void> {
  const file = findBackup(context.folder, asked)
  const swap = openSwap({ ...database, by: context.job })
  try {
    await restoreBackup(file, database, swap, context)
  } finally {
    await swap.close()
  }
}

async function run(task: string, context: JobContext): Promise<void> {
  if (task === 'list') return
  const { config, faults } = readConfig(env)
  const store = config?.store
  if (store?.kind !== 'mongo') {
    const words =
      faults?.join('\n') ?? 'the job is for a database: copy the file of the embedded store'
    process.stderr.write(`${words}\n`)
    exit(exitCodes.settings)
  }
  const database = { ...store, indexes: config?.indexes ?? [] }
  const [, asked] = /^restore (\S+)$/.exec(task) ?? []
  if (asked !== undefined) await restore(asked, database, context)
  else if (task === 'backup') await backUp(database, context)
  else throw new BackupFault(`BACKUP_TASK is backup, list or restore FILE, not ${task}`)
}

const [, , folder = '', scratch = ''] = argv
const task = env.BACKUP_TASK ?? 'backup'
const halfWay = task.startsWith('restore')
  ? 'No document is lost: restore again.'
  : 'The unfinished file is removed.'
const context: JobContext = { folder, scratch, job: hostname(), say }
for (const [signal, code] of Object.entries(signals)) {
  process.once(signal, () => {
    rmSync(partFile(folder, context.job), { force: true })
    say(`${signal}: ended half-way. ${halfWay} ${lastGood(folder)}`)
    exit(code)
  })
}
try {
  await run(task, context)
  say(listing(folder))
  // The limits of the pod follow from these figures.
  const { maxRSS } = process.resourceUsage()
  say(
    `it took ${Math.round(performance.now() / 1000)} s and at most ${formatSize(maxRSS * 1024)} of memory`,
  )
  exit(exitCodes.done)
} catch (error) {
  const words = error instanceof Error ? error.message : String(error)
  say(`FAILED: ${words}\n${lastGood(folder)}`)
  exit(exitCodes.failed)
}
