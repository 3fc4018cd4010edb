// deploy.sh and deploy.ps1 side by side, read and not run: the same steps in the same order in every
// command. If pwsh is on PATH, scripts.test.ts also runs them.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { minikubeOrder } from '../../manifests/apply-order.ts'
import { defaults } from '../../manifests/options.ts'
import { keepOrMakeCredentials } from '../../manifests/write-files.ts'
import { manifests } from '../../manifests.ts'
import { commandsOf as bashCommands, bodyOf } from '../support/deploy/bash-commands.ts'
import { commandsOf as powershellCommands } from '../support/deploy/powershell-commands.ts'
import { functions, source } from '../support/deploy/powershell-tree.ts'

const pairs: Record<string, string> = {
  up: 'Invoke-Up',
  apply: 'Invoke-Apply',
  wait_for: 'Wait-Rollout',
  status: 'Invoke-Status',
  test_it: 'Invoke-Test',
  load: 'Invoke-Load',
  open_it: 'Invoke-OpenService',
  logs: 'Invoke-Logs',
  restart: 'Invoke-Restart',
  rollback: 'Invoke-Rollback',
  database: 'Invoke-Database',
  dev: 'Invoke-Dev',
  push: 'Invoke-Push',
  backup: 'Invoke-Backup',
  restore: 'Invoke-Restore',
  down: 'Invoke-Down',
}

for (const [bash, powershell] of Object.entries(pairs)) {
  test(`${bash} and ${powershell} run the same commands in the same order`, () => {
    const commands = bashCommands(bash)
    assert.ok(commands.length > 0, 'commands were found')
    // curl is Linux' and macOS' own; the other script has Invoke-RestMethod.
    const expected = commands.map((command) =>
      command.replace(/^look test --also=curl$/, 'look test'),
    )
    assert.deepEqual(powershellCommands(powershell), expected)
  })
}

test('the load job is removed by the same command', () => {
  assert.deepEqual(powershellCommands('Stop-Load'), bashCommands('end_load'))
})

test('both end a request after the same time', () => {
  const [, seconds] = /curl -fsS --max-time (\d+)/.exec(bodyOf('test_it')) ?? []
  assert.match(source, new RegExp(`Invoke-RestMethod -UseBasicParsing -TimeoutSec ${seconds}'`))
})

test('both look at the same facts in the same order', () => {
  const facts = (text: string) => text.match(/\b(?:half|paused|absent|stopped|running|enabled)\b/g)
  for (const [bash, powershell] of [
    ['up', 'Invoke-Up'],
    ['down', 'Invoke-Down'],
  ] as const) {
    const text = functions.find(({ name }) => name === powershell)?.node.text ?? ''
    const code = text.replace(/#.*$/gm, '').replace(/'[^'\n]*Removes[^'\n]*'/g, '')
    assert.deepEqual(facts(code), facts(bodyOf(bash)))
  }
})

test('manifests.ts writes what both scripts apply, in their order', () => {
  const out = mkdtempSync(join(tmpdir(), 'apply-order-'))
  const files = manifests(defaults, keepOrMakeCredentials(out))
  rmSync(out, { recursive: true })
  assert.deepEqual(
    files.map(({ file, waitFor }) => ({ file, waitFor })),
    minikubeOrder.map(({ file, waitFor }) => ({ file, waitFor })),
  )
  for (const { namespace, objects } of files) {
    assert.equal(namespace, 'mongo')
    assert.ok(objects.length > 0)
  }
})

test('without a database of its own manifests.ts writes what is left of that', () => {
  const files = manifests({ ...defaults, database: 'external' }, undefined)
  assert.deepEqual(
    files.map(({ file }) => file),
    minikubeOrder.flatMap(({ file, ofDatabase }) => (ofDatabase ? [] : [file])),
  )
})

test('both know the same options, in the same two spellings', () => {
  const bash = bodyOf('find_option')
  const found = [...bash.matchAll(/--([a-z-]+) \| -([A-Za-z]+)\) option=\1(?: kind=(flag))?/g)]
  const names = (kind: string | undefined) =>
    found.filter((match) => match[3] === kind).map(([, name]) => name)
  const listed = (variable: string) =>
    new RegExp(`script:${variable} = @\\((.*)\\)`).exec(source)?.[1]?.match(/[a-z-]+/g)
  assert.deepEqual([...names('flag'), 'help'].sort(), listed('FlagNames')?.sort())
  assert.deepEqual(names(undefined).sort(), listed('ValueNames')?.sort())
  for (const [, name = '', spelling = ''] of found) {
    assert.equal(spelling.toLowerCase(), name.replaceAll('-', ''))
  }
})
