// The workflow of GitHub Actions: well-formed, on commands that exist, on actions known by their hash.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { filesUnder } from '../support/docs/markdown.ts'

const text = readFileSync('.github/workflows/ci.yml', 'utf8')
const workflow: unknown = parse(text)

/** Every member of that name, at any depth. */
function all(name: string, value: unknown = workflow): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...all(name, member),
  ])
}

describe('the workflow of CI', () => {
  it('has a runner, a time limit and steps in each job', () => {
    const [jobs] = all('jobs')
    for (const [name, job] of Object.entries(Object(jobs))) {
      const { steps, 'runs-on': runner, 'timeout-minutes': minutes } = Object(job)
      assert.ok(Array.isArray(steps) && typeof runner === 'string' && minutes > 0, name)
    }
  })

  it('uses actions by their hash, with the version beside it, and none by unknown authors', () => {
    const lines = text.split('\n').filter((line) => /\buses:/.test(line))
    assert.equal(lines.length, all('uses').length)
    for (const line of lines) {
      assert.match(line, /uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    }
    assert.equal(new Set(lines.map((line) => line.trim())).size, 2, 'one version of each')
  })

  it('leaves no credentials in the checkout, and gives each job only the right to read', () => {
    assert.deepEqual(Object(workflow).permissions, {})
    for (const [name, job] of Object.entries(Object(workflow).jobs)) {
      const { permissions, steps } = Object(job)
      assert.deepEqual(permissions, { contents: 'read' }, name)
      const checkouts = steps.filter(({ uses = '' }) => /checkout/.test(uses))
      assert.equal(checkouts.length, 1, name)
      assert.equal(checkouts[0].with['persist-credentials'], false, name)
    }
  })

  it('runs only npm commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    for (const [, name = ''] of text.matchAll(/npm run ([a-z]+(?::[a-z0-9]+)*)/g)) {
      assert.ok(Object.hasOwn(scripts, name), name)
    }
  })

  it('covers three systems, an old Node, those of the service, and both PowerShells', () => {
    const systems = ['ubuntu-latest', 'macos-latest', 'windows-latest']
    assert.deepEqual(all('os'), [systems, systems])
    assert.deepEqual(all('node'), [
      ['20', '24', '26'],
      ['24', '26'],
    ])
    assert.deepEqual(Object(workflow).jobs.powershell.strategy.matrix.powershell, [
      'powershell',
      'pwsh',
    ])
  })

  it('types the README and runs every test of the scripts in each PowerShell', () => {
    const { env, steps } = Object(workflow).jobs.powershell
    assert.match(env.POWERSHELL, /matrix\.powershell/)
    const commands = steps.map(({ run = '' }) => run)
    for (const command of [
      'npm run test:install',
      'node --test "tests/docs/*.test.ts"',
      'node --test "tests/deploy/*.test.ts"',
    ]) {
      assert.ok(commands.includes(command), command)
    }
  })

  it('has forms for issues beside it that are well-formed', () => {
    const forms = filesUnder('.github/ISSUE_TEMPLATE').filter((file) => !/config/.test(file))
    assert.ok(forms.length > 0)
    for (const file of forms) {
      const form: unknown = parse(readFileSync(file, 'utf8'))
      for (const part of ['name', 'description', 'body']) assert.ok(Object(form)[part], file)
    }
  })
})
