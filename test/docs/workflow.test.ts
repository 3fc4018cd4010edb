// The workflow of GitHub Actions: well-formed, on commands that exist, on actions of a named version.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { filesUnder } from './markdown.ts'

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

  it('uses actions of a major version, and none of somebody unknown', () => {
    const actions = all('uses')
    assert.ok(actions.length > 0)
    for (const action of actions) assert.match(String(action), /^actions\/[a-z-]+@v\d+$/)
  })

  it('runs no command of npm that there is not', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    for (const [, name = ''] of text.matchAll(/npm run ([a-z]+(?::[a-z0-9]+)*)/g)) {
      assert.ok(Object.hasOwn(scripts, name), name)
    }
  })

  it('covers three systems, two versions of Node and both PowerShells', () => {
    assert.deepEqual(all('os')[0], ['ubuntu-latest', 'macos-latest', 'windows-latest'])
    assert.deepEqual(all('node')[0], ['24', '26'])
    assert.deepEqual(all('powershell')[0], ['powershell', 'pwsh'])
  })

  it('has forms for issues beside it that are well-formed', () => {
    const forms = filesUnder('.github/ISSUE_TEMPLATE').filter((file) => !/config/.test(file))
    assert.ok(forms.length > 0)
    for (const file of forms) {
      const form: unknown = parse(readFileSync(file, 'utf8'))
      for (const part of ['name', 'description', 'body']) assert.ok(Object(form)[part], file)
    }
  })

  it('may only read', () => assert.deepEqual(all('permissions'), [{ contents: 'read' }]))
})
