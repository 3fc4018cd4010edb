// The token of the application: from a Secret that must be there, and kept once it is set.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { Deployment } from 'kubernetes-models/apps/v1'
import { readConfig } from '../../src/config.ts'
import { run } from '../support/manifests/command.ts'
import { objectsOf, targets } from '../support/manifests/objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

for (const target of targets) {
  for (const apiToken of ['writes', 'all'] as const) {
    test(`${target}: the application reads its token for ${apiToken} from a Secret's file`, () => {
      const found = objectsOf(target, { apiToken }).find(({ kind }) => kind === 'Deployment')
      const deployment = new Deployment(JSON.parse(JSON.stringify(found)))
      deployment.validate()
      const pod = deployment.spec?.template.spec
      const container = pod?.containers[0]
      const value = (variable: string) =>
        container?.env?.find(({ name }) => name === variable)?.value ?? ''
      const sources = pod?.volumes?.[0]?.projected?.sources ?? []
      const source = sources.find(({ secret }) => secret?.name === 'api-token')?.secret
      const mount = container?.volumeMounts?.[0]?.mountPath
      assert.equal(value('API_TOKEN_FILE'), `${mount}/${source?.items?.[0]?.path}`)
      // A pod without it must wait, and must not let anyone in.
      assert.notEqual(source?.optional, true)
      const API_TOKEN_SCOPE = value('API_TOKEN_SCOPE')
      const { config } = readConfig({ API_TOKEN: 'x'.repeat(32), API_TOKEN_SCOPE })
      assert.equal(config?.access?.scope, apiToken)
    })
  }

  test(`${target}: a token is not mentioned if nobody asked for one`, () => {
    assert.doesNotMatch(JSON.stringify(objectsOf(target)), /api-token|API_TOKEN/)
  })
}

test('the token is asked for until an option says that it is not', (t) => {
  const out = temporaryFolder(t)
  const scope = (...options: string[]) => {
    assert.equal(run(['--out', out, ...options]).status, 0)
    return /name: API_TOKEN_SCOPE\s+value: (\w+)/.exec(
      readFileSync(join(out, 'app.yaml'), 'utf8'),
    )?.[1]
  }
  assert.equal(scope(), undefined)
  assert.equal(scope('--api-token', 'all'), 'all')
  assert.equal(scope('--cpu', '50'), 'all')
  assert.equal(scope('--target', 'cloud'), 'all')
  assert.equal(scope('--api-token', 'writes'), 'writes')
  assert.equal(scope('--api-token', 'none'), undefined)
  assert.equal(scope(), undefined)
  const { status, stderr } = run(['--api-token', 'reads', '--out', out])
  assert.equal(status, 2)
  assert.match(stderr, /--api-token reads: expects none, writes or all/)
})
