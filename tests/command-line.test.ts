// The command line of every command that a person types, and what npm makes of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type KnownOptions, readOptions, takenByNpm } from '../command-line/read-options.ts'
import { serviceAddress } from '../command-line/service-address.ts'
import { nearestName } from '../src/nearest-name.ts'
import { runToEnd } from './support/service-process.ts'

const known: KnownOptions = {
  script: 'manifests',
  values: ['replicas', 'cpu', 'node-port', 'out', 'api-token'],
  flags: ['report'],
}
const read = (...args: string[]) => readOptions(args, known)

describe('a command line', () => {
  it('has options in both forms, flags and words', () => {
    const { values, flags, words, faults } = read('a', '--out', 'x', '--cpu=7', '--report', '-')
    assert.deepEqual(
      [...values],
      [
        ['out', 'x'],
        ['cpu', '7'],
      ],
    )
    assert.deepEqual([[...flags], words, faults], [['report'], ['a', '-'], []])
  })

  it('names each fault in the order of the words, with the option that may be meant', () => {
    assert.deepEqual(
      read('--nodeport', '30301', '--out', '--cup=3', '--report=no', '--what').faults,
      [
        '--nodeport: unknown. Is --node-port meant?',
        '--out: needs a value',
        '--cup=3: unknown. Is --cpu meant?',
        '--report: takes no value',
        '--what: unknown; --help lists the options',
      ],
    )
  })

  it('finds the nearest name, and none if nothing is near', () => {
    const names = ['replicas', 'node-port', 'out', 'wait']
    assert.deepEqual(
      ['--replica', '--repilcas', '--nodePort', '--node_prot', '--ouT', '--wiat'].map((word) =>
        nearestName(word, names),
      ),
      ['replicas', 'replicas', 'node-port', 'node-port', 'out', 'wait'],
    )
    for (const word of ['--x', '--storage', '--', `--${'r'.repeat(1e6)}`]) {
      assert.equal(nearestName(word, names), undefined)
    }
  })
})

describe('what npm takes for itself', () => {
  const env = { npm_lifecycle_event: 'manifests' }
  const said = (taken: Record<string, string>, ...args: string[]) =>
    takenByNpm(args, known, { ...env, ...taken })
      ?.split('\n')[1]
      ?.trim()

  it('is refused with the line that works in every shell', () => {
    assert.equal(said({ npm_config_replicas: '4' }), "npm run manifests '--' --replicas 4")
    assert.equal(
      said({ npm_config_api_token: 'true' }, 'writes'),
      "npm run manifests '--' --api-token writes",
    )
    assert.equal(
      said({ npm_config_node_port: 'true', npm_config_cpu: 'true' }, '30301', '55'),
      "npm run manifests '--' 30301 55 --cpu VALUE --node-port VALUE",
    )
    assert.equal(
      said({ npm_config_report: 'true' }, 'my file'),
      "npm run manifests '--' 'my file' --report",
    )
  })

  it('is not what npm has as a setting of its own, nor of another command', () => {
    assert.equal(said({ npm_config_cpu: 'x64' }), undefined)
    assert.equal(said({ npm_config_registry: 'https://example.invalid' }), undefined)
    const other = { npm_lifecycle_event: 'test', npm_config_replicas: '4' }
    assert.equal(takenByNpm([], known, other), undefined)
  })
})

describe('the address of the service', () => {
  it('is what was typed, else URL, else localhost at PORT', () => {
    const env = { URL: 'http://a:1/', PORT: '5080' }
    assert.equal(serviceAddress('http://b:2//', '--url', env), 'http://b:2')
    assert.equal(serviceAddress(undefined, '--url', env), 'http://a:1')
    assert.equal(serviceAddress(undefined, '--url', { PORT: '5080' }), 'http://localhost:5080')
    assert.equal(serviceAddress(undefined, '--url', { PORT: '', URL: '' }), 'http://localhost:5000')
    assert.throws(() => serviceAddress('localhost:5000', 'URL', {}), /^UsageError: URL is http:/)
  })
})

describe('every command that takes options', { concurrency: 3 }, () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const name of ['sample', 'manifests', 'export', 'import', 'docs', 'bench', 'bench:pods']) {
    const program = /\S+\.ts$/.exec(scripts[name])?.[0] ?? ''
    const run = (args: readonly string[], settings = {}) =>
      runToEnd(settings, [process.execPath, program, ...args])

    it(`answers --help, and refuses what it does not know: ${name}`, async () => {
      const help = await run(['--help'])
      assert.deepEqual([help.code, help.stderr], [0, ''])
      assert.match(help.stdout, new RegExp(`^(?:Writes .*\\n\\n)?npm run ${name}\\b`))
      const [, option = ''] = /--([a-z-]{3,})/.exec(help.stdout) ?? []
      const wrong = await run([`--${option}x`])
      assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
      assert.match(wrong.stderr, new RegExp(`--${option}x: unknown\\. Is --${option} meant\\?`))
      const taken = {
        npm_lifecycle_event: name,
        [`npm_config_${option.replaceAll('-', '_')}`]: '3',
      }
      const lost = await run([], taken)
      assert.deepEqual([lost.code, lost.stdout], [2, ''])
      assert.match(lost.stderr, new RegExp(`npm run ${name} '--' --${option}`))
    })
  }
})
