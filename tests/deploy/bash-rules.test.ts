// What breaks deploy.sh in bash 3.2, which is what macOS has, and what shellcheck says.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('../../deploy.sh', import.meta.url))
const source = readFileSync(path, 'utf8')
const code = source
  .replace(/<<'HELP'[\s\S]*?\nHELP\n/, '')
  .split('\n')
  .filter((line) => !/^\s*#/.test(line))
  .join('\n')

test('deploy.sh has only what bash 3.2 knows', () => {
  for (const [name, pattern] of Object.entries({
    'associative array': /declare -A|local -A|typeset -A/,
    'read into an array': /\b(?:mapfile|readarray)\b/,
    'change of case': /\$\{\w+(?:,,?|\^\^?)/,
    'pipe of both streams': /\|&/,
    'redirection of both streams': /&>/,
    'wait for any': /wait -n/,
    'name reference': /-n ref|declare -n|local -n/,
    'negative index': /\[-\d+\]|: -\d+/,
    coprocess: /\bcoproc\b/,
    'printf of a time or into an element': /%\([^)]*\)T|printf -v \w+\[/,
    'fall through in case': /;&|;;&/,
    'test of a variable': /\[\[? -v /,
    'quoted transformation': /\$\{\w+@[QEPAa]\}/,
  })) {
    assert.doesNotMatch(code, pattern, name)
  }
})

test('deploy.sh expands no array that may be empty: set -u ends bash 3.2 there', () => {
  for (const [whole, name] of code.matchAll(/(?<!\+)"\$\{(\w+)\[@\]\}"/g)) {
    assert.equal(name, 'loader', whole) // never empty
  }
})

test('deploy.sh uses no tool that only GNU has', () => {
  for (const pattern of [/\btimeout\b/, /readlink -f/, /\bsed -i/, /\bdate -d/, /base64 -w/]) {
    assert.doesNotMatch(code, pattern)
  }
})

test('deploy.sh is executable ASCII and bash reads it without an error', () => {
  assert.equal(
    [...source].find((character) => character > '~'),
    undefined,
  )
  assert.ok(statSync(path).mode & 0o100)
  const { status, stderr } = spawnSync('bash', ['-u', '-n', path], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})

test('shellcheck finds nothing in deploy.sh', (t) => {
  const { error, status, stdout } = spawnSync('shellcheck', [path], { encoding: 'utf8' })
  if (error) {
    if (process.env.CI === 'true') assert.fail('shellcheck is not on PATH')
    return t.skip('shellcheck is not on PATH')
  }
  assert.equal(status, 0, stdout)
})
