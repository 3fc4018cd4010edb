// What runs before each script of package.json, with a stand-in for npm: it notes how it was called.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { runToEnd } from './support/service-process.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const program = resolve('install-packages.js')
const lock = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/tool': { version: '2.0.0', dev: true },
    'node_modules/of-another-system': { version: '3.0.0', optional: true },
  },
}
const production = { 'node_modules/a': { version: '1.0.0' } }
const whole = { ...production, 'node_modules/tool': { version: '2.0.0' } }

/** A project with these packages in node_modules, and a npm that ends with a code. */
function project(installed: object | undefined, code = 0) {
  const folder = temporaryFolder()
  copyFileSync('package.json', join(folder, 'package.json'))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  if (installed) {
    mkdirSync(join(folder, 'node_modules'))
    const hidden = join(folder, 'node_modules/.package-lock.json')
    writeFileSync(hidden, JSON.stringify({ packages: installed }))
  }
  const npm = join(folder, 'npm-cli.js')
  writeFileSync(
    npm,
    `import { writeFileSync } from 'node:fs'
     writeFileSync('called', process.argv.slice(2).join(' '))
     console.log('what npm says')
     process.exitCode = ${code}`,
  )
  const called = join(folder, 'called')
  return {
    /** Runs it in the project, with options of Node before its name. */
    async run(settings: Record<string, string> = {}, ...options: string[]) {
      const inside = `data:text/javascript,process.chdir(${JSON.stringify(folder)})`
      const node = [process.execPath, '--import', inside, ...options]
      const ended = await runToEnd({ npm_execpath: npm, ...settings }, [...node, program])
      return { ...ended, npm: existsSync(called) ? readFileSync(called, 'utf8') : undefined }
    },
  }
}

/** An option of Node that makes it say another version. */
const asNode = (version: string) => [
  '--import',
  `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"${version}"})`,
]

describe('what runs before a script', () => {
  it('installs all packages in a fresh clone, shows that it does, and leaves standard output alone', async () => {
    const { code, stdout, stderr, npm } = await project(undefined).run({ NODE_ENV: 'production' })
    assert.deepEqual([code, stdout], [0, ''])
    assert.equal(npm, 'ci --include=dev --include=optional')
    assert.match(stderr, /not installed yet.*\n\+ npm ci --include=dev .*\nwhat npm says\n$/)
  })

  it('installs them if the lock file has others, or omit=dev left some out', async () => {
    const old = { ...whole, 'node_modules/a': { version: '0.9.0' } }
    for (const installed of [old, production]) {
      const { stderr, npm } = await project(installed).run()
      assert.match(npm ?? '', /^ci /)
      assert.match(stderr, /node_modules\/(?:a|tool) is not as in package-lock\.json/)
    }
  })

  it('does nothing if all is there but what other systems need', async () => {
    const { code, stdout, stderr, npm } = await project(whole).run()
    assert.deepEqual([code, stdout, stderr, npm], [0, '', '', undefined])
  })

  it('ends as npm does', async () => {
    const { code, stderr } = await project(undefined, 7).run()
    assert.equal(code, 7)
    assert.match(stderr, /npm ci failed; its reason is above\. Then again: npm ci --include=dev/)
  })

  it('says what to type if the script was not started by npm', async () => {
    const { code, stderr, npm } = await project(undefined).run({ npm_execpath: '' })
    assert.deepEqual([code, npm], [2, undefined])
    assert.match(stderr, /^The packages are not installed yet\. Type: npm ci --include=dev .*\n$/)
  })

  it('says what to type if this Node is old and the pinned one is not there', async () => {
    const { code, stderr } = await project(whole).run({}, ...asNode('20.20.2'))
    assert.equal(code, 2)
    assert.match(stderr, /^Node 20\.20\.2 is too old, 24\.2 or newer .* --ignore-scripts=false\n$/)
  })

  it('says that a Node is too old to install anything', async () => {
    const { code, stderr, npm } = await project(undefined).run({}, ...asNode('16.20.2'))
    assert.deepEqual([code, npm], [2, undefined])
    assert.match(stderr, /^Node 16\.20\.2 is too old\. Install one of https:\/\/nodejs\.org\/.*\n$/)
  })

  it('runs before every script but those of the image, which has no packages to develop with', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    const names = Object.keys(scripts).filter((name) => !Object.hasOwn(scripts, name.slice(3)))
    const program = 'node install-packages.js'
    const alone = names.filter(
      (name) => scripts[`pre${name}`] !== program && !scripts[name].startsWith(`${program} && `),
    )
    assert.deepEqual(alone, ['build', 'test', 'sbom'])
    assert.match(scripts.test, /^npm run check && /)
    // npm runs no script before another with ignore-scripts: what a person starts looks for itself.
    for (const name of ['start', 'dev', 'check', 'sample', 'manifests', 'export', 'import']) {
      assert.match(scripts[name], /install-packages\.js/, name)
    }
  })
})
