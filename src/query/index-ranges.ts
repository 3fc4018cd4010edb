// What of an index a filter can be found in, for the embedded store: ranges of keys that miss nothing.
import { escapedText } from './compare.ts'
import type { Condition, Filter, Scalar, Test } from './filter.ts'
import { cutKey } from './indexes.ts'
import { isSamePath, type Path } from './path.ts'
import { KeyWriter, kinds } from './sort-key.ts'

/** Keys from `from` to `to`, both included; a key that begins with `to` counts as well. */
export interface KeyRange {
  readonly from: Buffer
  readonly to: Buffer
  /** Whether it is one key. */
  readonly isPoint: boolean
}

/** The ranges of each condition on the path that every match must satisfy, one list per condition. */
export function rangesOf(filter: Filter | undefined, path: Path): KeyRange[][] {
  return needed(filter)
    .filter((condition) => isSamePath(condition.path, path))
    .flatMap(({ test }) => {
      const ranges = rangesOfTest(test)
      return ranges === undefined ? [] : [ranges]
    })
}

// Of separate conditions each is enough: an array may satisfy them by different elements.
function needed(filter: Filter | undefined): Condition[] {
  if (filter?.kind === 'condition') return [filter]
  return filter?.kind === 'all' ? filter.of.flatMap(needed) : []
}

function rangesOfTest(test: Test): KeyRange[] | undefined {
  switch (test.op) {
    case 'in':
      return test.values.map((value) => pointOf(keyOf(value)))
    case 'gt':
    case 'gte': {
      const from = keyOf(test.value)
      return [{ from: cutKey(from), to: from.subarray(0, 1), isPoint: false }]
    }
    case 'lt':
    case 'lte': {
      const to = keyOf(test.value)
      return [{ from: to.subarray(0, 1), to: cutKey(to), isPoint: false }]
    }
    case 'prefix': {
      // A text without its end.
      const begin = cutKey(keyOf(test.value).subarray(0, -2))
      return [{ from: begin, to: begin, isPoint: false }]
    }
    default:
      return undefined
  }
}

const pointOf = (key: Buffer): KeyRange => ({
  from: cutKey(key),
  to: cutKey(key),
  isPoint: true,
})

function keyOf(value: Scalar): Buffer {
  const writer = new KeyWriter()
  if (value === null) writer.kind(kinds.null)
  else if (typeof value === 'boolean') writer.boolean(value)
  else if (typeof value === 'string') {
    const text = escapedText(value)
    writer.text(text, 0, text.length)
  } else writer.number(value)
  return Buffer.from(writer.bytes)
}
