// Mistakes that people make, planted into src/query: the pairs find each of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { runToEnd } from '../support/service-process.ts'

interface Mistake {
  readonly what: string
  readonly file: string
  readonly right: string
  readonly wrong: string
}

const mistakes: readonly Mistake[] = [
  {
    what: 'texts compared by their UTF-16',
    file: 'value-condition.ts',
    right: 'text: (json, start, end) => holds(compareText(json, start, end, utf8)),',
    wrong:
      "text: (json, start, end) => { const text = String(JSON.parse(json.toString('utf8', start - 1, end + 1))); return holds(text < operand ? -1 : text > operand ? 1 : 0) },",
  },
  {
    what: 'null for what is missing',
    file: 'evaluator.ts',
    right: 'return (satisfied) => satisfied[index] === 1',
    wrong:
      "const isNull = part.test.op === 'in' && part.test.values.includes(null); const there = conditions++; this.#nodeOf(part.path).tests.push({ index: there, test: prepareTest({ op: 'exists' }) }); return (satisfied) => satisfied[index] === 1 || (isNull && satisfied[there] !== 1)",
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
    file: 'value-results.ts',
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
    right: 'this.byte(kind)\n    if (key) this.#textPart(json, key.at, key.end)',
    wrong: 'if (key) this.#textPart(json, key.at, key.end)\n    this.byte(kind)',
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
    right: 'not(oneOf(path, values)),',
    wrong: "({ kind: 'all', of: [exists(path), not(oneOf(path, values))] }),",
  },
]

const root = resolve(import.meta.dirname, '../..')

/** A module that gives Node the file with the mistake in place of the one on the disk. */
const plant = (file: string, right: string, wrong: string) => `
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.endsWith(${JSON.stringify(`/src/query/${file}`)})) return loaded
      const source = String(loaded.source).replace(${JSON.stringify(right)}, () => ${JSON.stringify(wrong)})
      return { ...loaded, source }
    },
  })`

describe('a mistake that is planted', { concurrency: 2 }, () => {
  for (const { what, file, right, wrong } of mistakes) {
    it(`is found: ${what}`, async () => {
      const text = readFileSync(join(root, 'src/query', file), 'utf8')
      assert.equal(text.split(right).length, 2, `${file} has it once: ${right}`)
      const hook = `data:text/javascript,${encodeURIComponent(plant(file, right, wrong))}`
      const program = join(root, 'tests/query/pairs.test.ts')
      const run = await runToEnd({}, [process.execPath, '--import', hook, program])
      assert.equal(run.code, 1, 'the pairs agree')
      assert.match(run.stdout, /QUERY_PAIRS=1 QUERY_SEED=\d/)
    })
  }
})
