// Plain JavaScript, which an old Node finds too: there `node --test` would find nothing else, and pass.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'

it('is a Node that reads TypeScript; npm test finds the one in node_modules', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'))
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [neededMajor, neededMinor] = engines.node.replace('>=', '').split('.').map(Number)
  const isOld = major < neededMajor || (major === neededMajor && minor < neededMinor)
  assert.ok(!isOld, `Node ${process.versions.node} is too old: ${engines.node}`)
})
