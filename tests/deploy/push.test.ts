// What a push that failed means, and what is said of one that worked.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildxTrouble, helperOf, pushTrouble } from '../../deploy/image/push.ts'
import { makeWorld, type Run } from '../support/deploy/world.ts'

const image = 'registry.example.com/team/service:1'
const hub = 'me/service:1'

describe('a push that failed', () => {
  for (const words of [
    'denied: requested access to the resource is denied',
    'unauthorized: authentication required',
    'no basic auth credentials',
    'push access denied, repository does not exist or may require authorization: insufficient_scope',
    'denied: Your authorization token has expired. Reauthenticate and try again.',
    'error getting credentials - err: exec: "docker-credential-ecr-login": executable file not found',
  ]) {
    test(`with "${words}" asks for a login`, () => {
      const { outcome, remedy } = pushTrouble(image, words, undefined)
      assert.equal(outcome, 'notLoggedIn')
      assert.match(
        remedy,
        /^docker login registry\.example\.com, .* registry\.example\.com\/team\/service$/,
      )
    })
  }

  for (const [words, remedy] of [
    ['dial tcp 127.0.0.1:5000: connect: connection refused', /does it run\?/],
    ['lookup registry.example.com: no such host', /the right name/],
    ['http: server gave HTTP response to HTTPS client', /insecure-registries/],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', /\(PEM\)/],
    ['toomanyrequests: rate exceeded', /what docker names above/],
    ['', /what docker names above/],
  ] as const) {
    test(`with "${words}" is not`, () => {
      const trouble = pushTrouble(image, words, undefined)
      assert.equal(trouble.outcome, 'push')
      assert.match(trouble.remedy, remedy)
    })
  }

  const denied = 'denied: requested access'

  test('at Docker Hub asks for docker login without a name', () => {
    assert.match(pushTrouble(hub, denied, {}).remedy, /^docker login, .* me\/service$/)
  })

  test('with a login is an account without the right to push', () => {
    const config = { auths: { 'https://index.docker.io/v1/': {} }, credsStore: 'desktop' }
    assert.match(pushTrouble(hub, denied, config).what, /^docker\.io does not let the account/)
    assert.match(pushTrouble(image, denied, config).what, /^docker is not logged in to registry/)
  })

  test('with a helper that signs in on its own names the helper', () => {
    const config = { credHelpers: { 'registry.example.com': 'ecr-login' }, credsStore: 'desktop' }
    assert.equal(helperOf(config, 'registry.example.com'), 'docker-credential-ecr-login')
    assert.equal(helperOf(config, 'docker.io'), 'docker-credential-desktop')
    assert.match(
      pushTrouble(image, denied, config).remedy,
      /docker-credential-ecr-login belongs to/,
    )
  })
})

describe('a push for several processors that failed', () => {
  for (const [words, outcome, remedy] of [
    ["docker: 'buildx' is not a docker command.", 'toolMissing', /buildx/],
    ['docker: unknown command: docker buildx', 'toolMissing', /buildx/],
    [
      'ERROR: failed to build: Multi-platform build is not supported for the docker driver.',
      'build',
      /^docker buildx create --name several .*beside docker's own/,
    ],
    [
      '#9 [build 4/6] RUN npm ci\n#9 0.1 exec /bin/sh: exec format error',
      'build',
      /binfmt --install/,
    ],
    ['ERROR: process "/bin/sh -c npm ci" did not complete successfully', 'build', /^mend what/],
    ['tls: failed to verify certificate: x509: unknown authority', 'build', /\(PEM\)/],
    [
      'ERROR: failed to solve: failed to push registry.example.com/team/service:1: failed to authorize: 401 Unauthorized',
      'notLoggedIn',
      /^docker login registry\.example\.com/,
    ],
    ['#6 pushing localhost:5/x with docker\ndial tcp: connection refused', 'push', /does it run\?/],
  ] as const) {
    test(`with "${words}" ends with ${outcome}`, () => {
      const trouble = buildxTrouble(image, words, undefined)
      assert.equal(trouble.outcome, outcome)
      assert.match(trouble.remedy, remedy)
    })
  }
})

describe('push.ts on recorded tools', { concurrency: 2 }, () => {
  async function push(facts: readonly string[], words = '', options = ''): Promise<Run> {
    const world = makeWorld(...facts)
    if (words !== '') world.set('fault-push', words)
    try {
      return await world.paste('deploy.sh', `node deploy/image/push.ts ${image} ${options}`)
    } finally {
      world.close()
    }
  }

  test("shows docker's progress and asks no cluster that is not there", async () => {
    const { code, out, err, calls } = await push([])
    assert.equal(code, 0, err)
    assert.equal(out, 'The push refers to repository\n')
    assert.equal(err, '')
    assert.ok(calls.includes(`docker push ${image}`))
  })

  test("shows docker's complaint once and ends with what it means", async () => {
    const refused = await push([], 'no basic auth credentials\n')
    assert.equal(refused.code, 50)
    assert.match(refused.err, /^no basic auth credentials\n\nFAILED: docker is not logged in/)
    assert.equal(refused.err.match(/no basic auth/g)?.length, 1)
    const down = await push([], 'dial tcp: connection refused\n')
    assert.equal(down.code, 51)
  })

  test('says which processors the image is not for', async () => {
    const { code, err } = await push(['exists', 'running', 'arm-node'])
    assert.equal(code, 0)
    assert.match(err, /^Note: .* is for amd64, and the nodes of "minikube" are arm64/)
    assert.match(err, / push \S+ --platform linux\/amd64,linux\/arm64\n$/)
    assert.equal((await push(['exists', 'running'])).err, '')
  })

  test('builds and pushes for several processors in one command, and says which nodes have none', async () => {
    const both = '--platform linux/amd64,linux/arm64'
    const { code, err, calls } = await push(['exists', 'running', 'arm-node'], '', both)
    assert.equal(code, 0, err)
    assert.equal(err, '')
    assert.ok(calls.includes(`docker buildx build ${both} -t ${image} --push .`))
    const other = await push(['exists', 'running', 'arm-node'], '', '--platform linux/ppc64le')
    assert.match(
      other.err,
      /is for ppc64le, and the nodes of "minikube" are arm64: on arm64 it ends/,
    )
  })
})
