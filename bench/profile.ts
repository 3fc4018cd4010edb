// Profiles a build under one scenario: `node --import tsx bench/profile.ts SCENARIO PLACE [FOLDER]`.
// Prints where its CPU time went, by function and by package, and leaves the .cpuprofile behind.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '../command-line/read-options.ts'
import { options, readArguments } from './arguments.ts'
import { startDatabase } from './database.ts'
import { measure } from './measure.ts'
import { peerOf } from './peers.ts'

const [scenario = 'text', place = 'stand-in', base] = process.argv.slice(2)
const { scenarios, places } = readArguments(
  readOptions(['--scenario', scenario, '--place', place], options),
)
const [chosen] = scenarios
const [where = 'stand-in'] = places
if (!chosen) throw new Error(`There is no scenario ${scenario}.`)

const out = 'bench/raw/profiles'
const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'))
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const database = where === 'embedded' ? undefined : await startDatabase(where, folder)
try {
  const ours = peerOf(base === undefined ? 'ours' : 'base')
  const profiled = `--cpu-prof --cpu-prof-dir=${out} --cpu-prof-interval=500`
  const peer = { ...ours, settings: { ...ours.settings, NODE_OPTIONS: profiled } }
  const run = await measure({
    scenario: chosen,
    peer,
    place: where,
    database,
    seconds: 5,
    warmUp: 2,
    base,
  })
  process.stdout.write(`${(run.requests / run.seconds).toFixed(0)} requests a second\n`)
  for (const file of readdirSync(out)) process.stdout.write(summary(join(out, file)))
} finally {
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

// The time of each function itself, without what it calls.
function summary(file: string): string {
  const profile: Profile = JSON.parse(readFileSync(file, 'utf8'))
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url.replace(/^.*\/(dist|node_modules)\//, '$1/')
      return [id, { name: `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`, place }]
    }),
  )
  const byName = new Map<string, number>()
  const byPackage = new Map<string, number>()
  let total = 0
  profile.samples.forEach((id, index) => {
    const { name = '', place = '' } = names.get(id) ?? {}
    if (name.startsWith('(idle)')) return
    const time = profile.timeDeltas[index] ?? 0
    total += time
    byName.set(name, (byName.get(name) ?? 0) + time)
    const group = /^(node:\w+|dist\/\w+|node_modules\/[^/]+)/.exec(place)?.[0] ?? name
    byPackage.set(group, (byPackage.get(group) ?? 0) + time)
  })
  const table = (times: Map<string, number>, count: number) =>
    [...times]
      .sort(([, left], [, right]) => right - left)
      .slice(0, count)
      .map(([name, time]) => `${((time / total) * 100).toFixed(1).padStart(6)} %  ${name}\n`)
      .join('')
  const text = `${table(byPackage, 14)}\n${table(byName, 45)}`
  writeFileSync(`${file}.txt`, text)
  return text
}
