// One thing breaks: the exit code and the words that the scripts have for it, and that what their remedy
// names, typed as it stands, heals it without the loss of a document.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodes, type Outcome } from '../../../deploy/cluster/report.ts'
import { namesCluster } from '../../support/deploy/recorded-cluster.ts'
import { eventually, profile, short } from './cluster.ts'
import { deploy, paste, type Run, withShim } from './deploy-project.ts'
import { post } from './deploy-traffic.ts'
import { upWords, urlOf } from './deploy-up.ts'

export interface Fault {
  name: string
  /** What breaks it. */
  breaks?: () => unknown
  /** What is run then, if it is not `up`. */
  words?: readonly string[]
  env?: () => NodeJS.ProcessEnv
  outcome: Outcome
  says: RegExp
  /** The commands of the remedy, in the order in which they are typed. */
  typed?: readonly RegExp[]
  /** What else takes the fault away; it runs after a failure of the test too. */
  mends?: () => unknown
  /** It takes a minute and more: left out of the short form. */
  slow?: true
  /** The application is away when the test ends, and a later one brings it back. */
  stays?: true
}

/** An edit of build/app.yaml, as if manifests/ had it, between its making and its being applied. */
export const edited = (edit: string) =>
  withShim('kubectl', `case "$*" in apply*build/app.yaml) sed -i '${edit}' build/app.yaml ;; esac`)

/** `up`, without the minute or two until the autoscaler has its first figure. */
export async function comeUp(): Promise<void> {
  const interrupt = { at: /\+ node .*wait-autoscaler/, after: 0 }
  const { code, err } = await deploy(upWords, { interrupt })
  assert.ok(code === 0 || code === 130, err)
}

const document = 'kept-through-every-fault'
let url = ''

/** Writes the document that must be there after every fault. */
export async function keepDocument(): Promise<void> {
  if (url !== '') return
  url = await urlOf()
  const { status } = await post(`${url}/data`, document)
  assert.ok(status === 201 || status === 409, `${status}`)
}

/** All is well, and nothing was lost. */
export async function isWhole(env: NodeJS.ProcessEnv = {}): Promise<void> {
  await eventually(90, async () => {
    const { code, out, err } = await deploy(['status'], { env })
    assert.equal(code, 0, out + err)
    assert.match(out, /^all is well\n/)
  })
  const { status } = await fetch(`${url}/data/${document}`)
  assert.equal(status, 200)
}

/** The remedy of a diagnosis, which may be several lines. */
const remedyOf = ({ out, err }: Run) =>
  /remedy: +(\S[\s\S]*?)\n {2}\(exit code /.exec(out + err)?.[1] ?? ''

/** Types the commands of a remedy that match, each in a shell of its own. */
export async function typeRemedy(
  run: Run,
  typed: readonly RegExp[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const remedy = remedyOf(run)
  assert.notEqual(remedy, '', run.err)
  namesCluster(remedy, profile)
  for (const pattern of typed) {
    const [line] = pattern.exec(remedy) ?? assert.fail(`${pattern} is not in: ${remedy}`)
    const { code, out, err } = await paste(line, { env })
    assert.equal(code, 0, `${line}\n${out}\n${err}`)
  }
}

/** What a question tells: a cluster needs a moment to see what was done to it. */
const ask = (words: readonly string[], code: number, says: RegExp) =>
  eventually(30, async () => {
    const run = await deploy(words)
    assert.equal(run.code, code, run.out + run.err)
    assert.match(run.out + run.err, says)
    return run
  })

/** A test a fault. `heals` follows after `up` has failed and its remedy was typed. */
export function holdFaults(faults: readonly Fault[], heals = comeUp): void {
  for (const fault of faults) {
    const { name, words = upWords, outcome, says, typed = [], mends, stays } = fault
    if (short && fault.slow) continue
    const { code } = exitCodes[outcome]
    test(`${name}: exit code ${code} and its diagnosis`, async (t) => {
      await keepDocument()
      await fault.breaks?.()
      const env = fault.env?.() ?? {}
      try {
        const run = await (words === upWords ? deploy(words, { env }) : ask(words, code, says))
        const said = run.out + run.err
        t.diagnostic(`${run.seconds.toFixed(1)} s`)
        t.diagnostic(/^(?:FAILED|NOT WELL)[\s\S]*?^ {2}\(exit code.*/m.exec(said)?.[0] ?? said)
        assert.equal(run.code, code, said)
        assert.match(said, says)
        await typeRemedy(run, typed, env)
      } finally {
        await mends?.()
      }
      if (stays) return
      if (words === upWords) await heals()
      await isWhole(env)
    })
  }
}
