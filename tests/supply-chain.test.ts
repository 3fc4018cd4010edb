// What the project is built from: pinned, checked by hash, few, and without scripts of its own at installation.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { platforms } from '../manifests/names.ts'

interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly resolved?: string
  readonly dev?: true
  readonly optional?: true
  /** The processors that it is for, if it is not for all. */
  readonly cpu?: readonly string[]
  readonly hasInstallScript?: true
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const project = json('package.json')
const lock: { packages: Record<string, Locked> } = json('package-lock.json')
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
const nameOf = (path: string) => path.replace(/^.*node_modules\//, '')

describe('the packages', () => {
  it('are all known by their hash, and none by the address of a registry', () => {
    assert.ok(locked.length > 50)
    for (const [path, { version, integrity, resolved }] of locked) {
      assert.match(version, /^\d+\.\d+\.\d+/, path)
      assert.match(integrity ?? '', /^sha512-[\w+/]{86}==$/, path)
      assert.equal(resolved, undefined, path)
    }
    assert.doesNotMatch(readFileSync('.npmrc', 'utf8'), /_auth|token|password|:\/\//i)
  })

  it('are asked for by their exact version', () => {
    const { dependencies, devDependencies } = project
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/, name)
    }
  })

  it('are the driver and its own at run time', () => {
    assert.deepEqual(Object.keys(project.dependencies), ['mongodb'])
    const production = locked.filter(([, { dev }]) => !dev).map(([path]) => nameOf(path))
    assert.deepEqual(production.toSorted(), [
      '@mongodb-js/saslprep',
      '@types/webidl-conversions',
      '@types/whatwg-url',
      'bson',
      'memory-pager',
      'mongodb',
      'mongodb-connection-string-url',
      'punycode',
      'sparse-bitfield',
      'tr46',
      'webidl-conversions',
      'whatwg-url',
    ])
  })

  it('run a script at installation only if package.json says so, and never at run time', () => {
    const scripts = locked.filter(([, { hasInstallScript }]) => hasInstallScript)
    for (const [path, { dev }] of scripts) assert.ok(dev, path)
    const names = scripts.map(([path]) => nameOf(path))
    assert.deepEqual(names.toSorted(), Object.keys(project.allowScripts).toSorted())
  })
})

describe('the tools with a package.json of their own', () => {
  for (const folder of ['bench', 'tests/needs/clients']) {
    it(`are known by their hash, and none by the address of a registry: ${folder}`, () => {
      const { packages }: typeof lock = json(`${folder}/package-lock.json`)
      for (const [path, { integrity, resolved }] of Object.entries(packages)) {
        if (path !== '') assert.match(integrity ?? '', /^sha512-/, path)
        assert.equal(resolved, undefined, path)
      }
    })
  }
})

describe('the image', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8')

  it('stands on one base, pinned to the version of Node that package.json pins', () => {
    const bases = [...dockerfile.matchAll(/^FROM (?:--\S+ )?(\S+)/gm)].map(([, base]) => base)
    const { node } = project.devDependencies
    assert.ok(bases.length > 1)
    assert.deepEqual([...new Set(bases)], [`node:${node}-bookworm-slim`])
  })

  it('runs no install script, fetches nothing but packages, and does not run as root', () => {
    const installs = [...dockerfile.matchAll(/npm (?:ci|install|i)\b[^\\\n]*/g)].map(
      ([text]) => text,
    )
    assert.ok(installs.length > 0)
    for (const install of installs)
      assert.match(install, /npm ci .*--ignore-scripts|npm ci --ignore/)
    const instructions = dockerfile.replaceAll(/^#.*$/gm, '')
    assert.doesNotMatch(instructions, /curl|wget|apt-get|^ADD|^ARG|--build-arg/m)
    assert.match(instructions, /^USER 1000:1000$/m)
  })

  const stages = dockerfile.split(/^(?=FROM )/m).slice(1)

  it('runs each command on the processor that builds, and none in its last stage', () => {
    assert.ok(stages.length > 1)
    for (const stage of stages) {
      const runs = /^RUN /m.test(stage)
      assert.equal(runs, /^FROM --platform=\$\{BUILDPLATFORM:-linux\} /.test(stage), stage)
    }
    assert.doesNotMatch(stages.at(-1) ?? '', /^RUN /m)
  })

  it('has nothing native in it, so that it is the same for each processor', () => {
    for (const [path, { dev, optional, hasInstallScript, cpu }] of locked) {
      if (dev || optional) continue
      assert.equal(hasInstallScript, undefined, path)
      assert.equal(cpu, undefined, path)
      const files = existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []
      assert.deepEqual(
        files.filter((file) => file.endsWith('.node')).map((file) => join(path, file)),
        [],
      )
    }
  })

  it('is pushed by the documents for the processors that the manifests name', () => {
    const list = platforms.join(',')
    assert.ok(readFileSync('docs/cloud.md', 'utf8').includes(`--platform ${list}`))
  })
})
