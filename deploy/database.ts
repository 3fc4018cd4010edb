// database.ts [--show-password]: holds a way to the cluster's database open, for Compass and mongosh.
import process, { exit } from 'node:process'
import { database } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { databaseLogin, forwardDatabase } from './forward-database.ts'
import { commandsFor } from './remedy.ts'
import { say } from './report.ts'

const { profile, flag } = readArguments(['show-password'])
const { username, password } = await databaseLogin(profile)
const { port, stop } = await forwardDatabase(profile)
process.on('SIGINT', () => {
  stop()
  exit(130)
})

const shown = flag('show-password') ? encodeURIComponent(password) : '<password>'
const string = `mongodb://${encodeURIComponent(username)}:${shown}@127.0.0.1:${port}/${database.documents}?authSource=admin&directConnection=true`
say('The database of the cluster, for MongoDB Compass or mongosh:')
say(`  ${string}`)
if (!flag('show-password')) {
  say(`With the password in it: ${commandsFor(profile).deploy('database --show-password')}`)
}
say('Leave this window open: Ctrl+C ends it, the database goes on.')
