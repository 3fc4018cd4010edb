// The first commands in a fresh clone, with the registry of this machine: those of the README as they stand
// there, and both of them on machines that have been lived on.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, it } from 'node:test'
import { findPwsh } from '../../support/deploy/world.ts'
import { blocksOf } from '../../support/docs/markdown.ts'
import { freePort } from '../../support/free-port.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipWithout } from '../../support/tool.ts'
import { type Typed, typeLine } from './typed-line.ts'

const onWindows = process.platform === 'win32'
// Windows allows fewer characters in a name, and npm runs cmd.exe there, for which & ends a command.
const awkward = onWindows ? "my dir (1) é 'q' #x" : "my dir (1) é & 'q' $HOME %20 #x"
const shellOfSystem = onWindows ? 'powershell' : 'bash'
const noGit = skipWithout('git', '--version')

// The Node and npm that a person has. `npm run` has put the project's own in front.
const own = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !/node_modules|node-gyp-bin/.test(folder))
const nodes = own.map((folder) => join(folder, onWindows ? 'node.exe' : 'node')).filter(existsSync)
const oldNode = nodes.find((node) => majorOf(node) < 24)

function majorOf(node: string): number {
  return Number.parseInt(
    execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }),
    10,
  )
}

// What npm told the tests, and what a person has set to reach a registry.
const ofNpm = /^(?:npm_|NODE_(?!EXTRA_)|INIT_CWD$)/i
const ofPerson = /^npm_config_(?:registry|cafile|noproxy|(?:https_)?proxy)$/i

/** What is set on a machine like this. */
function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !ofNpm.test(name) || ofPerson.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    PATH: own.join(delimiter),
    PORT: '0',
    npm_config_prefer_offline: 'true',
    ...more,
  }
}

/** A folder with a difficult name, and a way to type in it. */
function machine(settings: Readonly<Record<string, string>> = {}) {
  const root = join(temporaryFolder(), awkward)
  mkdirSync(root)
  const env = environment(settings)
  const project = join(root, 'data-service')
  const type = (line: string, shell = shellOfSystem, cwd = project): Promise<Typed> => {
    const typing = { cwd, env, shell, timeout: 600_000 }
    if (/npm(?:\.cmd)? start/.test(line)) {
      return typeLine(line, {
        ...typing,
        until: /listening on (http:\/\/localhost:\d+)/,
        onFound: answers,
      })
    }
    // Past the set-up, the linter and the compiler: the first test that has passed.
    return typeLine(line, /npm(?:\.cmd)? test/.test(line) ? { ...typing, until: /✔/ } : typing)
  }
  const clone = () =>
    execFileSync('git', ['clone', '-q', process.cwd(), project], { stdio: 'ignore' })
  const removePackages = () => rmSync(join(project, 'node_modules'), { recursive: true })
  return { root, project, type, clone, removePackages }
}

async function answers([, url = '']: RegExpExecArray): Promise<void> {
  const response = await fetch(`${url}/data`)
  assert.deepEqual([response.status, await response.json()], [200, []])
}

function passed({ said }: Typed, what: RegExp): void {
  assert.match(said, what)
  assert.doesNotMatch(said, /ERR_MODULE_NOT_FOUND|\n {4}at |npm ERR|npm error/, said)
}

const started = /listening on http:/
const tested = /✔/

async function typeFirstScreen(shell: string): Promise<void> {
  const { root, project, type } = machine()
  const port = await freePort()
  let cwd = root
  const languages = ['shell', shell === 'bash' ? 'bash' : 'powershell']
  const blocks = blocksOf('README.md').filter(({ mark }) => mark === 'runs: first screen')
  const lines = blocks
    .filter(({ language }) => languages.includes(language))
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => onWindows || !line.includes('npm.cmd'))
  assert.ok(lines.length >= 5, lines.join('\n'))
  for (const line of lines) {
    if (line.startsWith('cd ')) cwd = join(cwd, line.slice(3))
    else {
      const here = line
        .replace('https://github.com/OWNER/data-service', `'${process.cwd()}'`)
        .replace('5080', String(port))
      const typed = await type(here.startsWith('git') ? `${here} data-service` : here, shell, cwd)
      if (here.includes('npm start')) passed(typed, started)
      else if (here.includes('npm test')) passed(typed, tested)
      else assert.equal(typed.code, 0, `${line}: ${typed.said}`)
      if (here.includes('PORT')) assert.ok(typed.said.includes(`localhost:${port}`), typed.said)
    }
  }
  assert.equal(cwd, project)
}

describe('the first screen of the README, typed in a fresh clone', { skip: noGit }, () => {
  it('works in bash', { skip: onWindows && 'Windows has a bash of another kind' }, () =>
    typeFirstScreen('bash'),
  )

  const pwsh = findPwsh()
  it('works in PowerShell', { skip: pwsh === undefined && 'there is no pwsh on PATH' }, () =>
    typeFirstScreen(pwsh ?? ''),
  )
})

// Two at a time: npm mostly waits for the disk and the registry.
const inTurns = { skip: noGit, concurrency: 2 }

describe('npm start and npm test, each as the first command', inTurns, () => {
  const habits: readonly Readonly<Record<string, string>>[] = [
    { NODE_ENV: 'production' },
    { npm_config_omit: 'dev' },
  ]
  for (const habit of habits) {
    it(`work with ${Object.entries(habit).join().replace(',', '=')}`, async () => {
      const { type, clone, removePackages } = machine(habit)
      clone()
      passed(await type('npm start'), started)
      removePackages()
      passed(await type('npm test'), tested)
    })
  }

  it('work with ignore-scripts and a Node that is new enough', async () => {
    const { root, type, clone, removePackages } = machine({
      npm_config_ignore_scripts: 'true',
      PATH: [withNode(process.execPath), ...own].join(delimiter),
    })
    clone()
    passed(await type('npm start'), started)
    removePackages()
    passed(await type('npm test'), tested)
    assert.ok(existsSync(root))
  })

  // npm looks for programs in the node_modules of every folder above, too.
  const left = join(tmpdir(), 'node_modules')
  const noOldNode = existsSync(left)
    ? `there is ${left}, whose Node npm finds`
    : oldNode === undefined && 'there is no Node older than 24 on PATH'
  it('say what to type with ignore-scripts and an old Node, and that is enough', {
    skip: noOldNode,
  }, async () => {
    const { type, clone, removePackages } = machine({
      npm_config_ignore_scripts: 'true',
      PATH: [withNode(oldNode ?? ''), ...own].join(delimiter),
    })
    clone()
    let remedy = ''
    for (const line of ['npm start', 'npm test']) {
      const { code, said } = await type(line)
      assert.notEqual(code, 0)
      const [, command = ''] = /is too old, .* Type: (npm ci .*)\n?$/m.exec(said) ?? []
      assert.notEqual(command, '', said)
      assert.doesNotMatch(said, /\n {4}at /)
      remedy = command
      removePackages()
    }
    const { code, said } = await type(remedy)
    assert.equal(code, 0, said)
    passed(await type('npm start'), started)
    passed(await type('npm test'), tested)
  })
})

/** A folder for PATH with this Node in it, and with nothing else. */
function withNode(node: string): string {
  const folder = temporaryFolder()
  symlinkSync(node, join(folder, onWindows ? 'node.exe' : 'node'))
  return folder
}
