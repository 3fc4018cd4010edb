// The documents speak to bash and to PowerShell: what one of them cannot run has its form for the other.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { callsIn, treeOf } from '../support/deploy/powershell-tree.ts'
import { bashFault, commandsOf, onlyBash } from '../support/docs/both-shells.ts'
import { type Block, blocksOf, documents } from '../support/docs/markdown.ts'

// What needs Linux has no reader with PowerShell.
const files = documents().filter((file) => file !== 'bench/README.md')
const at = ({ file, line }: Block) => `${file}:${line}`
const all = files.flatMap(blocksOf)

describe('the blocks of the documents', () => {
  it('have no bash in them that is not marked as bash', () => {
    for (const block of all.filter(({ language }) =>
      /^(?:shell|console|powershell)$/.test(language),
    )) {
      const text = commandsOf(block)
      for (const [what, pattern] of Object.entries(onlyBash)) {
        // A console block with its PowerShell beside it is one of bash.
        if (block.language === 'console' && hasPowerShell(block)) continue
        assert.doesNotMatch(text, pattern, `${at(block)}: ${what}`)
      }
    }
  })

  it('can be typed in PowerShell, or have its own lines right after them', () => {
    const alone = all
      .filter(({ language }) => /^(?:bash|shell|console)$/.test(language))
      .flatMap((block) => {
        const fault = bashFault(commandsOf(block))
        if (fault === undefined || (block.language !== 'shell' && hasPowerShell(block))) return []
        return [`${at(block)}: ${fault}`]
      })
    assert.deepEqual(alone, [])
  })

  it('are called shell if both can type them', () => {
    const misnamed = all
      .filter((block) => block.language === 'bash' && !hasPowerShell(block))
      .map(at)
    assert.deepEqual(misnamed, [])
  })

  it('parse if they are PowerShell, and ask for nothing that 5.1 lacks', () => {
    const blocks = all.filter(({ language }) => language === 'powershell')
    assert.ok(blocks.length > 20)
    for (const block of blocks) {
      assert.equal(treeOf(plain(block.text)).hasError, false, at(block))
      assert.doesNotMatch(block.text, /&&|\|\||\?\?|\?\.|-AsHashtable|\bcurl\b|-NoProxy/, at(block))
      assert.doesNotMatch(block.text, /\bnpm\b.* -- /, `${at(block)}: '--'`)
    }
  })

  it('take an array of PowerShell apart before they filter it', () => {
    for (const block of all.filter(({ language }) => language === 'powershell')) {
      assert.doesNotMatch(
        block.text,
        /^[^(\n]*Invoke-RestMethod[^)\n]*\| *Where-Object/m,
        at(block),
      )
    }
  })

  it('are told apart by the check itself', () => {
    for (const wrong of [
      'npm ci && npm start',
      'export PORT=1',
      'PORT=5080 npm start',
      'npm run \\\n  sample',
      'curl localhost:5000',
      'npm run manifests -- --replicas 4',
      `kubectl get pods -o 'jsonpath={"\\n"}'`,
      './deploy.sh',
    ]) {
      assert.notEqual(bashFault(wrong), undefined, wrong)
    }
    for (const right of [
      'npm start',
      "npm run manifests '--' --replicas 4",
      'git pull # the news',
    ]) {
      assert.equal(bashFault(right), undefined, right)
    }
    assert.deepEqual(
      callsIn(treeOf('npm start\n')).map(({ name }) => name),
      ['npm'],
    )
  })
})

function hasPowerShell(block: Block): boolean {
  const own = all.filter(({ file }) => file === block.file)
  return own[own.indexOf(block) + 1]?.language === 'powershell'
}

// The grammar knows neither a path as a command nor a program's own --.
const plain = (text: string) =>
  `${text}\n`.replaceAll(/(?<=^|= )\.\/deploy\.ps1/gm, 'deploy').replaceAll(/ -- /g, " '--' ")
