// Both scripts on recorded tools: what they run, in which order, how they end, what a dry run prints.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { publishedPort } from '../../deploy/cluster/machine.ts'
import { type Case, codeOf, there, words } from '../support/deploy/cases.ts'
import { clusterCases, mendedCases } from '../support/deploy/cluster-cases.ts'
import { machineCases } from '../support/deploy/machine-cases.ts'
import { usageCases } from '../support/deploy/usage-cases.ts'
import {
  findPwsh,
  makeWorld,
  noSignals,
  type Run,
  type Script,
  type World,
} from '../support/deploy/world.ts'

const broken = [...usageCases, ...machineCases, ...clusterCases]
const pwsh = findPwsh()
const skipped =
  pwsh === undefined
    ? 'pwsh is not on PATH: deploy.ps1 is checked by its syntax, its rules and its list of commands only'
    : false

/** What the recorded Secret has. */
const token = '0123456789abcdef0123456789abcdef0123456789abcdef'

let service: Server
let url = ''

before(async () => {
  // What the recorded cluster's URL answers.
  service = createServer((request, answer) => {
    const inserted = request.method === 'POST'
    const text = request.url === '/' ? '2026-11-24 22:00:00' : '{"_id":"deploy-test","3":"three"}'
    answer.statusCode = inserted ? 201 : request.method === 'DELETE' ? 204 : 200
    answer.setHeader('Content-Type', request.url === '/' ? 'text/plain' : 'application/json')
    answer.end(inserted ? '{"status":"Data inserted","_id":"deploy-test"}' : text)
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  if (typeof address === 'object' && address) url = `http://127.0.0.1:${address.port}`
})
after(() => service.close())

function worldOf({ facts = [], prepare }: Case): World {
  const world = makeWorld(...facts)
  world.set('url', `${url}\n`)
  prepare?.(world)
  return world
}

/** Calls that only ask; a run may ask what a dry run asks, and what its own waits ask. */
const asks =
  /^(?:docker (?:--version|info|context inspect|buildx history|image (?:inspect|ls|rm))|minikube (?:version|status|profile list|addons list|image (?:ls|rm)|service .*--url$|ssh .* sudo ls )|kubectl (?:version|config|get|annotate|exec|logs -n \S+ --context \S+ (?:-f |app-|--tail=100)))/
const acts = ({ calls }: Run) => calls.filter((call) => !asks.test(call))
const shown = ({ err }: Run) =>
  err
    .split('\n')
    .filter((line) => line.startsWith('+ '))
    .map((line) => line.slice(2))
const native = (lines: readonly string[]) =>
  lines
    // The programs that run commands of their own: one makes a job, shows its log and removes it, the other reads
    // why the registry refused.
    .flatMap((line) => {
      const [, task] = /commands\/run-job\.ts'? '?(backup|restore)/.exec(line) ?? []
      const job = task === 'backup' ? 'app-backup-now' : 'app-restore'
      const of = '-n mongo --context minikube'
      return task === undefined
        ? [line]
        : [`kubectl create ${of} -f -`, `kubectl delete ${of} job ${job} --ignore-not-found`]
    })
    .map((line) =>
      line
        .replace(
          /^'?node'? .*image\/push\.ts'? '?([^ ']+)'? '?--platform=([^ ']+).*/,
          'docker buildx build --platform $2 -t $1 --push .',
        )
        .replace(/^'?node'? .*image\/push\.ts'? '?([^ ']+).*/, 'docker push $1'),
    )
    .filter((line) => /^(?:minikube|kubectl|docker) /.test(line))
    .map((line) => line.replaceAll("'", ''))

const runs = new Map<string, Promise<Run>>()

/** Runs the case, once for all tests that look at it. */
function runCase(found: Case, script: Script): Promise<Run> {
  const key = `${script} ${found.name}`
  const run = runs.get(key) ?? runOnce(found, script)
  runs.set(key, run)
  return run
}

async function runOnce(found: Case, script: Script): Promise<Run> {
  const world = worldOf(found)
  try {
    return await world.run(script, found.words, found.env)
  } finally {
    world.close()
  }
}

async function canBePasted(script: Script): Promise<void> {
  for (const found of words.filter(({ name }) => /^(?:up as the default|test$)/.test(name))) {
    const world = worldOf(found)
    const printed = await world.run(script, [...found.words, '--dry-run'])
    const pasted = await world.paste(script, printed.out)
    world.close()
    assert.equal(pasted.code, 0, pasted.err)
    assert.deepEqual(acts(pasted), acts(await runCase(found, script)))
  }
}

async function bringsPackages(script: Script): Promise<void> {
  const world = worldOf({ name: '', words: [] })
  world.withoutPackages()
  // The programs as in a clone: the folders are links into a project that has the packages.
  const asInClone = { NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main' }
  const printed = await world.run(script, ['--dry-run'], asInClone)
  const run = await world.run(script, ['up'])
  world.close()
  assert.equal(run.code, 0, run.err)
  const lines = printed.out.trimEnd().split(/\r?\n/)
  assert.match(lines[0] ?? '', /^npm(?:\.cmd)? ci$/)
  assert.deepEqual(lines, shown(run))
}

async function bringsWhatIsLeftOut(script: Script): Promise<void> {
  const world = worldOf({ name: '', words: [] })
  world.withoutPackages('some')
  const run = await world.run(script, ['status'])
  world.close()
  assert.deepEqual(
    shown(run)
      .slice(0, 2)
      .map((line) => line.replace(/^npm\.cmd|'/g, (found) => (found === "'" ? '' : 'npm'))),
    ['npm ci', 'npm ci --include=dev --ignore-scripts=false'],
  )
}

async function helpWins(script: Script): Promise<void> {
  const world = worldOf({ name: '', words: [] })
  const run = await world.run(script, ['--bogus', '--help', 'down'])
  world.close()
  assert.equal(run.code, 0, run.err)
  assert.match(run.out, /^\.\/deploy\.sh \[command\] \[options\]/)
  assert.deepEqual(run.calls, [])
}

async function endsLoad(script: Script): Promise<void> {
  const world = worldOf({ name: '', words: [], facts: [...there, 'slow-load'] })
  const run = await world.run(script, ['load'], {}, /req\/s/)
  world.close()
  assert.equal(run.code, 130, run.err)
  assert.match(run.calls.at(-1) ?? '', /^kubectl delete .*build\/load\/objects\.json$/)
}

/** A node port that is free on this machine. */
async function freeNodePort(port = 31_000): Promise<number> {
  return (await publishedPort(port)) === '' ? freeNodePort(port + 1) : port
}

describe('deploy.sh on recorded tools', { concurrency: 4 }, () => {
  for (const found of words) {
    test(`${found.name}: the dry run prints what the run executes`, async () => {
      const dry = worldOf(found)
      const printed = await dry.run('deploy.sh', [...found.words, '--dry-run'])
      dry.close()
      const run = await runCase(found, 'deploy.sh')
      assert.equal(printed.code, 0, printed.err)
      assert.equal(run.code, 0, run.err)
      assert.match(run.err, found.says ?? /./)
      assert.ok(!`${run.out}${run.err}`.includes(token), 'nobody sees the token')
      const lines = printed.out.split('\n').filter((line) => line !== '')
      assert.deepEqual(lines, shown(run))
      assert.deepEqual(acts(printed), [], 'a dry run does nothing')
      assert.deepEqual(acts(run), native(lines))
    })
  }

  for (const found of broken) {
    test(`${found.name}: ends with ${codeOf(found)} and says why`, async () => {
      const run = await runCase(found, 'deploy.sh')
      assert.equal(run.code, codeOf(found), run.err)
      assert.match(run.err, found.says ?? /./)
      assert.match(run.out, found.prints ?? /^$/, 'messages go to standard error')
      if (found.unchanged) assert.deepEqual(acts(run), [], 'nothing is changed')
    })
  }

  for (const found of mendedCases) {
    test(`up: ${found.name}`, async () => {
      const run = await runCase(found, 'deploy.sh')
      assert.equal(run.code, 0, run.err)
      assert.equal(run.calls.filter((call) => found.by.test(call)).length, 1, run.calls.join('\n'))
    })
  }

  test('the lines of a dry run can be pasted into a shell and do the same', () =>
    canBePasted('deploy.sh'))

  for (const [answer, code] of [
    ['n', 3],
    ['y', 0],
  ] as const) {
    test(`in a terminal, down asks: ${answer} ends with ${code}`, {
      skip:
        spawnSync('script', ['--version']).error && 'script, which makes a terminal, is missing',
    }, async () => {
      const world = worldOf({ name: '', words: [], facts: there })
      const line = `echo ${answer} | script -qec './deploy.sh down' /dev/null`
      const run = await world.paste('deploy.sh', line)
      world.close()
      assert.equal(run.code, code, run.out)
      assert.match(run.out, /Go on\? \[y\/N\]/)
      assert.equal(
        run.calls.filter((call) => call.startsWith('kubectl delete')).length,
        1 - code / 3,
      )
    })
  }

  test('a second up builds, loads and starts nothing, and prints the URL alone on standard output', async () => {
    const world = worldOf({ name: '', words: [] })
    const first = await world.run('deploy.sh', ['up'])
    const second = await world.run('deploy.sh', ['up'])
    world.close()
    assert.equal(first.out, `${url}\n`)
    assert.equal(second.out, `${url}\n`)
    assert.deepEqual(
      acts(second).filter((call) => /^docker|minikube (?:start|image|addons)/.test(call)),
      [],
    )
    // The autoscaler may have been told to have more pods than there are.
    assert.match(shown(second).at(-1) ?? '', /wait-rollout\.ts deployment\/app-deployment/)
  })

  test('a fresh checkout runs npm ci first', () => bringsPackages('deploy.sh'))

  test('packages that npm was told to leave out are installed', () =>
    bringsWhatIsLeftOut('deploy.sh'))

  test('help wins over whatever else is asked for', () => helpWins('deploy.sh'))

  test('a URL that never answers ends with 40', async () => {
    const world = worldOf({ name: '', words: [], facts: there })
    // As curl ends after its --max-time.
    world.fake('curl', 'echo "curl 7.88.1"; case $* in *--version*) ;; *) exit 28 ;; esac')
    const run = await world.run('deploy.sh', ['test', '--url', url])
    world.close()
    assert.equal(run.code, 40, run.err)
    assert.match(run.err, /nothing answered: curl -fsS --max-time 30 /)
  })

  test('every option is good in both spellings', async () => {
    const world = worldOf({ name: '', words: [], facts: there })
    const unix = await world.run('deploy.sh', ['up', '--dry-run', '--node-port', '30309'])
    const windows = await world.run('deploy.sh', ['up', '-DryRun', '-NodePort', '30309'])
    world.close()
    assert.match(unix.out, /write-manifests\.ts .*--node-port=30309/)
    assert.equal(windows.out, unix.out)
  })

  test('a word with spaces and quotes is shown so that it can be pasted', async () => {
    const world = worldOf({ name: '', words: [] })
    world.set('running')
    world.set('exists')
    const printed = await world.run('deploy.sh', ['test', '--dry-run', '--url', "http://it's.mine"])
    world.close()
    assert.match(printed.out, /^url='http:\/\/it'\\''s.mine'$/m)
  })

  test('Ctrl+C during a load removes the load job and ends with 130', () => endsLoad('deploy.sh'))

  test('on WSL a cluster is made with a published port, because a tunnel would block', async () => {
    const world = worldOf({ name: '', words: [] })
    const port = await freeNodePort()
    const wsl = { WSL_DISTRO_NAME: 'Debian' }
    const printed = await world.run('deploy.sh', ['--dry-run', '--node-port', `${port}`], wsl)
    world.close()
    assert.match(
      printed.out,
      new RegExp(`minikube start .*--ports=127\\.0\\.0\\.1:${port}:${port}`),
    )
    assert.match(printed.out, /^url=\$\(node .*commands\/find-url\.ts .*--tunnel\)$/m)
  })
})

// A skipped suite is not counted, a skipped test is.
test('pwsh is on PATH, so deploy.ps1 runs beside deploy.sh', { skip: skipped }, () => {})

describe('deploy.ps1 beside deploy.sh on the same recorded tools', { skip: skipped }, () => {
  for (const found of [...words, ...broken, ...mendedCases]) {
    test(`${found.name}: the same calls, the same exit code`, async () => {
      const bash = await runCase(found, 'deploy.sh')
      const powershell = await runCase(found, 'deploy.ps1')
      assert.equal(powershell.code, bash.code, powershell.err)
      assert.deepEqual(acts(powershell), acts(bash))
      // A wait may ask once more or less often.
      assert.deepEqual(new Set(powershell.calls), new Set(bash.calls))
    })
  }

  for (const found of words) {
    test(`${found.name}: the dry run of deploy.ps1 prints what it executes`, async () => {
      const dry = worldOf(found)
      const printed = await dry.run('deploy.ps1', [...found.words, '--dry-run'])
      dry.close()
      const run = await runCase(found, 'deploy.ps1')
      assert.match(run.err, found.says ?? /./)
      assert.ok(!`${run.out}${run.err}`.includes(token), 'nobody sees the token')
      const lines = printed.out.split(/\r?\n/).filter((line) => line !== '')
      assert.deepEqual(lines, shown(run))
      assert.deepEqual(acts(run), native(lines))
    })
  }

  test('the lines of its dry run can be pasted into PowerShell and do the same', () =>
    canBePasted('deploy.ps1'))

  test('a fresh checkout runs npm ci first', () => bringsPackages('deploy.ps1'))

  test('packages that npm was told to leave out are installed', () =>
    bringsWhatIsLeftOut('deploy.ps1'))

  test('help wins over whatever else is asked for', () => helpWins('deploy.ps1'))

  for (const [name, line, expected] of [
    [
      'in any case of its letters',
      '& ./deploy.ps1 up -dryrun -nodeport=30309',
      '--node-port=30309',
    ],
    ['after a colon', '& ./deploy.ps1 load -Minutes:2 -DryRun', '--minutes 2'],
    ['in a hash table', '$o = @{Replicas=3; DryRun=$true}; & ./deploy.ps1 up @o', '--replicas=3'],
    [
      'beside a function of the name of a tool',
      'function node {}; function docker {}; & ./deploy.ps1 up -Replicas 3 -DryRun',
      '--replicas=3',
    ],
  ] as const) {
    test(`in a session an option is taken ${name}`, async () => {
      const world = worldOf({ name: '', words: [], facts: there })
      const run = await world.paste('deploy.ps1', line)
      world.close()
      assert.equal(run.code, 0, run.err)
      assert.ok(run.out.replaceAll("'", '').includes(expected), run.out)
    })
  }

  test('Ctrl+C during a load removes the load job and ends with 130', { skip: noSignals }, () =>
    endsLoad('deploy.ps1'),
  )
})
