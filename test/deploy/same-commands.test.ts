// deploy.sh and deploy.ps1 side by side, read and not run: the same commands in the same order in every
// word. Where pwsh is on PATH scripts.test.ts also runs them.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaults } from '../../manifests/options.ts'
import { keepOrMakeCredentials, writeFiles } from '../../manifests/write-files.ts'
import { manifests } from '../../manifests.ts'
import { commandsOf as bashCommands, bodyOf } from './bash-commands.ts'
import { commandsOf as powershellCommands } from './powershell-commands.ts'
import { functions } from './powershell-tree.ts'

const pairs: Record<string, string> = {
  up: 'Invoke-Up',
  apply: 'Invoke-Apply',
  wait_for: 'Wait-Rollout',
  status: 'Invoke-Status',
  test_it: 'Invoke-Test',
  load: 'Invoke-Load',
  open_it: 'Invoke-OpenService',
  logs: 'Invoke-Logs',
  push: 'Invoke-Push',
  down: 'Invoke-Down',
}

for (const [bash, powershell] of Object.entries(pairs)) {
  test(`${bash} and ${powershell} run the same commands in the same order`, () => {
    const commands = bashCommands(bash)
    assert.ok(commands.length > 0, 'commands were found')
    // curl is Linux' and macOS' own; the other script has Invoke-RestMethod.
    const expected = commands.map((command) =>
      command.replace(/^look test --also curl$/, 'look test'),
    )
    assert.deepEqual(powershellCommands(powershell), expected)
  })
}

test('the load job is removed by the same command', () => {
  assert.deepEqual(powershellCommands('Stop-Load'), bashCommands('end_load'))
})

test('both look at the same facts in the same order', () => {
  const facts = (text: string) =>
    text.match(/\b(?:half|paused|absent|stopped|running|enabled|kept)\b/g)
  for (const [bash, powershell] of [
    ['up', 'Invoke-Up'],
    ['down', 'Invoke-Down'],
  ] as const) {
    const text = functions.find(({ name }) => name === powershell)?.node.text ?? ''
    const code = text.replace(/#.*$/gm, '').replace(/'[^'\n]*Removes[^'\n]*'/g, '')
    assert.deepEqual(facts(code), facts(bodyOf(bash)))
  }
})

test('both apply the files in the order that manifests.ts gives, and wait where it says', () => {
  const out = mkdtempSync(join(tmpdir(), 'apply-order-'))
  writeFiles(out, manifests(defaults, keepOrMakeCredentials(out, undefined)))
  const order = readFileSync(join(out, 'apply-order.txt'), 'utf8').trim().split('\n')
  rmSync(out, { recursive: true })
  const wanted = order.flatMap((line) => {
    const [file = '', namespace = '', wait = '-'] = line.split(' ')
    assert.equal(namespace, 'mongo')
    return [`apply build/${file}`, ...(wait === '-' ? [] : [`wait_for ${wait}`])]
  })
  const done = bashCommands('up')
    .filter((command) => /^(?:apply|wait_for) /.test(command))
    .map((command) => command.replace(/ \d+$/, ''))
  assert.deepEqual(done, wanted)
})
