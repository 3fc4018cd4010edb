// Every command in the documents runs here, in a fresh clone or on a cluster, or says why it does not.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { findPwsh } from '../support/deploy/world.ts'
import { bashFault, commandsOf } from '../support/docs/both-shells.ts'
import { type Block, blocksOf, documents, read } from '../support/docs/markdown.ts'
import { difference, runBlocks } from '../support/docs/session.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { runToEnd } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { skipWithout } from '../support/tool.ts'

const commands = new Set(['bash', 'shell', 'console', 'powershell', 'javascript', 'python'])
const places = new Map([
  ['runs: project', 'below, in a copy of the project beside a running service'],
  ['runs: powershell', 'below, if there is PowerShell'],
  ['runs: javascript', 'below'],
  ['runs: python', 'below, if there is Python with tests/support/docs/requirements.txt'],
  ['runs: cluster', 'tests/needs/cluster/deploy-documents.ts'],
  ['runs: first screen', 'tests/needs/registry/first-screen.registry.ts'],
])
const all = documents().flatMap(blocksOf)
const at = ({ file, line }: Block) => `${file}:${line}`
const marked = (mark: string) => all.filter((block) => block.mark === mark)
const reasonOf = ({ mark }: Block) => /^not run: (.+)$/.exec(mark)?.[1]

const folder = temporaryFolder()
const noBash =
  process.platform === 'win32'
    ? 'Windows has a bash of another kind'
    : skipWithout('bash', '--version') || skipWithout('curl', '--version')

/** The project under other names, so that what a block writes is gone afterwards. */
function projectFolder(name: string): string {
  const project = join(folder, name)
  mkdirSync(project)
  const own = new Set(['.git', 'build', 'data', 'coverage'])
  for (const entry of readdirSync('.')) {
    if (!own.has(entry)) symlinkSync(resolve(entry), join(project, entry))
  }
  return project
}

describe('the blocks of the documents', () => {
  it('each have a language, and no command hides in an indented block', () => {
    const without = all.filter(({ language }) => !/^[a-z]+$/.test(language)).map(at)
    assert.deepEqual(without, [])
    for (const file of documents()) {
      const prose = read(file).replace(/^```[\s\S]*?^```$/gm, '')
      assert.doesNotMatch(prose, /\n\n {4}\S/, file)
    }
  })

  it('say where each command runs, or why it does not', () => {
    const silent = all
      .filter(({ language }) => commands.has(language))
      .filter((block) => !places.has(block.mark) && (reasonOf(block)?.length ?? 0) < 20)
      .map((block) => `${at(block)}: "${block.mark}"`)
    assert.deepEqual(silent, [])
  })

  it('name only files that exist', () => {
    for (const block of all) {
      for (const [file] of (reasonOf(block) ?? '').matchAll(/\b(?:test|\.github)\/[\w./-]+\w/g)) {
        assert.ok(existsSync(file), `${at(block)}: there is no ${file}`)
      }
    }
  })

  it('are compared line by line, with ... for what is left out', () => {
    assert.equal(difference(['a ... c', '...', 'd'], ['a b c', 'x', 'y', 'd']), undefined)
    assert.equal(difference(['a ...', '...'], ['a 1']), undefined)
    assert.match(difference(['a'], ['a', 'b']) ?? '', /not as documented/)
    assert.match(difference(['a.c'], ['abc']) ?? '', /not as documented/)
  })
})

describe('the commands of the documents', { skip: noBash, concurrency: 3 }, () => {
  const files = [...new Set(marked('runs: project').map(({ file }) => file))]
  for (const [index, file] of files.entries()) {
    describe(file, () => {
      let service: RunningService
      before(async () => {
        service = await runService(openSqliteStore(join(folder, `${index}.db`)))
      })
      after(() => service.close())

      it('print what it shows', async () => {
        const here = `127.0.0.1:${service.port}`
        const { PATH, HOME } = process.env
        const faults = await runBlocks(
          marked('runs: project').filter((block) => block.file === file),
          {
            cwd: projectFolder(String(index)),
            env: { PATH, HOME, URL: `http://${here}` },
            toHere: (text) => text.replaceAll('localhost:5000', here),
            toDocument: (text) => text.replaceAll(here, 'localhost:5000'),
            timeout: 120_000,
          },
        )
        assert.deepEqual(faults, [])
      })
    })
  }
})

const pwsh = findPwsh()
const noPwsh = pwsh === undefined ? 'there is no pwsh on PATH' : false

/** What a reader of a document types in PowerShell: its own blocks, and those that are the same in bash. */
const inPowerShell = (file: string) =>
  all
    .filter((block) => block.file === file)
    .filter(
      (block) =>
        block.mark === 'runs: powershell' ||
        (block.mark === 'runs: project' && bashFault(commandsOf(block)) === undefined),
    )
    .map(commandsOf)

describe('the commands of the documents in PowerShell', { skip: noPwsh }, () => {
  const files = [...new Set(marked('runs: powershell').map(({ file }) => file))]
  for (const [index, file] of files.entries()) {
    it(`end without an error: ${file}`, async (t) => {
      const service = await runService(openSqliteStore(join(folder, `powershell-${index}.db`)))
      t.after(() => service.close())
      const here = `127.0.0.1:${service.port}`
      const lines = inPowerShell(file).map((text) => text.replaceAll('localhost:5000', here))
      const folderThere = projectFolder(`powershell-${index}`)
      const program = [`$ErrorActionPreference = 'Stop'`, `Set-Location '${folderThere}'`, ...lines]
      const command = [pwsh ?? '', '-NoProfile', '-Command', program.join('\n')]
      const { code, stderr } = await runToEnd({ URL: `http://${here}` }, command)
      assert.equal(code, 0, `${file}: ${stderr}`)
    })
  }
})

/** Runs a program of the documents beside a service with more documents than a page of it. */
async function runExample({ file, line, text }: Block, ending: string, command: string) {
  const service = await runService(openSqliteStore(join(folder, `${line}.db`)))
  try {
    const { client, port } = service
    const many = Array.from({ length: 250 }, (_, index) => ({ _id: `other-${index}` }))
    assert.equal((await client.post(JSON.stringify(many))).status, 201)
    const program = join(folder, `example-${line}.${ending}`)
    writeFileSync(program, text.replaceAll('localhost:5000', `127.0.0.1:${port}`))
    const { code, stdout, stderr } = await runToEnd({}, [command, program])
    assert.equal(code, 0, `${file}:${line}: ${stderr}`)
    assert.equal(stdout.trim(), '251 documents')
    assert.match((await client.get('/data')).text, /"name":"Ada","visits":1\}/)
  } finally {
    await service.close()
  }
}

describe('the examples of the documents', { concurrency: 2 }, () => {
  for (const block of marked('runs: javascript')) {
    it(`insert, page through and write under a condition in JavaScript: ${at(block)}`, () =>
      runExample(block, 'mjs', process.execPath))
  }

  const python = process.env.PYTHON || (process.platform === 'win32' ? 'python' : 'python3')
  for (const block of marked('runs: python')) {
    const [, needed = ''] = /^import (requests|httpx)$/m.exec(block.text) ?? []
    // Whoever sets PYTHON means it: then a missing package is a failure.
    const { status } = spawnSync(python, ['-c', `import ${needed}`], { stdio: 'ignore' })
    const skip = !process.env.PYTHON && status !== 0 && `${python} has no ${needed}`
    it(`do the same in Python with ${needed}: ${at(block)}`, { skip }, () =>
      runExample(block, 'py', python),
    )
  }
})
