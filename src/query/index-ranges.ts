// What of an index a filter can be found in, for the embedded store: ranges of keys that miss nothing.
import { type Condition, type Filter, isNumber, type Scalar, type Test } from './filter.ts'
import { cutKey } from './indexes.ts'
import { isSamePath, type Path } from './path.ts'
import { KeyWriter } from './sort-key.ts'

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
      return ranges ? [ranges] : []
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
      return test.values.map(keyOf).map((key) => rangeOf(key, key, true))
    case 'gt':
    case 'gte': {
      const from = keyOf(test.value)
      return [rangeOf(from, from.subarray(0, 1))]
    }
    case 'lt':
    case 'lte': {
      const to = keyOf(test.value)
      return [rangeOf(to.subarray(0, 1), to)]
    }
    case 'prefix': {
      // A text without its end.
      const begin = keyOf(test.value).subarray(0, -2)
      return [rangeOf(begin, begin)]
    }
    default:
      return undefined
  }
}

const rangeOf = (from: Buffer, to: Buffer, isPoint = false): KeyRange => ({
  from: cutKey(from),
  to: cutKey(to),
  isPoint,
})

function keyOf(value: Scalar): Buffer {
  const writer = new KeyWriter()
  if (isNumber(value)) writer.number(value)
  else writer.value(Buffer.from(JSON.stringify(value)), 0)
  return writer.bytes
}
