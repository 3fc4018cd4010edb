// Mistakes that people make, planted into a copy of src/query: the pairs find each of them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../temporary-folder.ts'

interface Mistake {
  readonly what: string
  readonly file: string
  readonly right: string
  readonly wrong: string
}

const mistakes: readonly Mistake[] = [
  {
    what: 'texts compared by their UTF-16',
    file: 'value-test.ts',
    right: 'text: (json, start, end) => holds(compareText(json, start, end, utf8)),',
    wrong:
      "text: (json, start, end) => { const text = String(JSON.parse(json.toString('utf8', start - 1, end + 1))); return holds(text < operand ? -1 : text > operand ? 1 : 0) },",
  },
  {
    what: 'null for what is missing',
    file: 'evaluator.ts',
    right: 'return (satisfied) => satisfied[index] === 1',
    wrong:
      "const isNull = part.test.op === 'in' && part.test.values.includes(null); return (satisfied) => satisfied[index] === 1 || (isNull && this.#at >= this.#end)",
  },
  {
    what: 'integers as doubles',
    file: 'compare.ts',
    right: 'if (Number.isSafeInteger(double) || !/^-?\\d+$/.test(token)) return double',
    wrong: 'if (double === double) return double',
  },
  {
    what: 'integers as doubles, in the order alone',
    file: 'sort-key.ts',
    right: 'Number(value - BigInt(double))',
    wrong: '0',
  },
  {
    what: 'arrays looked into twice',
    file: 'path-tree.ts',
    right: 'readonly asItem = new Reached(this, true, false, false)',
    wrong: 'readonly asItem = new Reached(this, true, true, true)',
  },
  {
    what: 'arrays at the end of a path not looked into',
    file: 'path-tree.ts',
    right: 'readonly byKey: readonly Reached[] = [new Reached(this, true, true, true)]',
    wrong: 'readonly byKey: readonly Reached[] = [new Reached(this, true, false, true)]',
  },
  {
    what: 'an array at a position looked into',
    file: 'path-tree.ts',
    right: 'readonly byPosition = new Reached(this, true, false, true)',
    wrong: 'readonly byPosition = new Reached(this, true, true, true)',
  },
  {
    what: 'the least element for both directions',
    file: 'evaluator.ts',
    right: 'if (descending ? comparison <= 0 : comparison >= 0) return',
    wrong: 'if (comparison >= 0) return',
  },
  {
    what: 'an empty array as null',
    file: 'sort-key.ts',
    right: 'emptyArray: 0x04',
    wrong: 'emptyArray: 0x05',
  },
  {
    what: 'booleans before texts',
    file: 'sort-key.ts',
    right: 'boolean: 0x3c',
    wrong: 'boolean: 0x0b',
  },
  {
    what: 'the key of a member before its kind',
    file: 'sort-key.ts',
    right: 'this.#byte(kind)\n      this.#textPart(json, at + 1, keyEnd)',
    wrong: 'this.#textPart(json, at + 1, keyEnd)\n      this.#byte(kind)',
  },
  {
    what: 'escapes taken for letters',
    file: 'compare.ts',
    right: 'if (!isInEscape(json, start, next + 1 - length)) return -1',
    wrong: 'return -1',
  },
  {
    what: 'ne that drops what has no such member',
    file: 'operators.ts',
    right: "filter: (path, values) => not(condition(path, { op: 'in', values })),",
    wrong:
      "filter: (path, values) => ({ kind: 'all', of: [condition(path, { op: 'exists' }), not(condition(path, { op: 'in', values }))] }),",
  },
]

const root = resolve(import.meta.dirname, '../..')
const folder = temporaryFolder()

describe('a mistake that is planted', () => {
  for (const [at, { what, file, right, wrong }] of mistakes.entries()) {
    it(`is found: ${what}`, () => {
      const copy = join(folder, String(at))
      mkdirSync(join(copy, 'test'), { recursive: true })
      for (const each of ['src', 'package.json', 'tsconfig.json', 'test/query']) {
        cpSync(join(root, each), join(copy, each), { recursive: true })
      }
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
      const path = join(copy, 'src/query', file)
      const text = readFileSync(path, 'utf8')
      assert.equal(text.split(right).length, 2, `${file} has it once: ${right}`)
      writeFileSync(
        path,
        text.replace(right, () => wrong),
      )
      const args = ['--import', 'tsx', 'test/query/pairs.test.ts']
      // Without the mark of this runner, which would make the other one speak another language.
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
      const run = spawnSync(process.execPath, args, { cwd: copy, env, encoding: 'utf8' })
      assert.equal(run.status, 1, 'the pairs agree')
      assert.match(run.stdout, /QUERY_PAIRS=1 QUERY_SEED=\d/)
    })
  }
})
