// One table of exit codes, one text of help: in both scripts and in deploy/cluster/report.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { exitCodeLines, exitCodes } from '../../deploy/cluster/report.ts'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const helpOf = (text: string, begin: string, end: string) => {
  const from = text.indexOf(begin) + begin.length
  return text.slice(from, text.indexOf(end, from))
}
const bash = helpOf(read('deploy.sh'), "<<'HELP'\n", '\nHELP\n')
// deploy.ps1 has it as comment-based help, which Get-Help and -? print.
const powershell = helpOf(read('deploy.ps1'), '.DESCRIPTION\n', '\n.LINK\n')

test('both scripts print the same help', () => {
  assert.ok(bash.length > 1000)
  assert.equal(powershell, bash)
})

test('the help lists every exit code of the table, in its words', () => {
  const listed = bash.slice(bash.indexOf('Exit codes\n') + 'Exit codes\n'.length).split('\n')
  assert.deepEqual(listed, exitCodeLines())
})

test('no two outcomes share an exit code', () => {
  const codes = Object.values(exitCodes).map(({ code }) => code)
  assert.equal(new Set(codes).size, codes.length)
})

test('the scripts end only with codes of the table', () => {
  const known = new Set<number>(Object.values(exitCodes).map(({ code }) => code))
  const used = [
    ...read('deploy.sh').matchAll(/\b(?:fail|exit) (\d+)/g),
    ...read('deploy.ps1').matchAll(/\b(?:Stop-Run|Stop-Step|exit) (\d+)/g),
  ].map(([, code]) => Number(code))
  assert.ok(used.length > 15)
  assert.deepEqual(
    used.filter((code) => !known.has(code)),
    [],
  )
})
