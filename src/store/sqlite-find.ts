// The candidates of a query in the embedded store.
import { type DocumentId, idKey } from '../codec/document-id.ts'
import { isId } from '../query/path.ts'
import { KeyWriter } from '../query/sort-key.ts'
import type { LargeQueue } from './large-documents.ts'
import type { Candidates, Search } from './search.ts'
import { attempt } from './sqlite-error.ts'
import { type BatchReader, firstKey, idAt, lastKey } from './sqlite-rows.ts'

const rowsAtOnce = 1000

export interface FindOptions {
  /** The rows between two keys, in their order. */
  readonly readAfter: BatchReader
  /** Those before a key, the last first. */
  readonly readBefore: BatchReader
  readonly large: LargeQueue
  /** The JSON of a document of any size. */
  readonly whole: (key: Uint8Array) => Buffer | undefined
}

/** Prepares what is read for queries. */
export function createFind({ readAfter, readBefore, large, whole }: FindOptions) {
  // A large document alone: none if it was removed while it waited.
  async function* scan(
    read: BatchReader,
    from: Uint8Array,
    rest: readonly Uint8Array[],
  ): AsyncGenerator<Candidates & { last: DocumentId }> {
    for (let after = from; ; ) {
      const found = attempt(() => read([after, ...rest], rowsAtOnce, ''))
      if (!found) return
      if ('json' in found) {
        const { json, ends, isLast } = found
        const id = (index: number) => idAt(json, ends[index - 1] ?? 0)
        const last = id(ends.length - 1)
        yield { json, ends, id, last }
        if (isLast) return
        after = idKey(last)
        continue
      }
      const { key, size } = found
      const json = await large(size, () => whole(key))
      if (json) {
        const last = idAt(json, 0)
        yield { json, ends: [json.length], id: () => last, last }
      }
      after = key
    }
  }

  async function* byIdDescending(before: DocumentId | undefined): AsyncGenerator<Candidates> {
    for await (const batch of scan(
      readBefore,
      before === undefined ? lastKey : idKey(before),
      [],
    )) {
      yield { ...batch, isSorted: true, bound: boundOf(batch.last) }
    }
  }

  return function find({ sort, after, through, place }: Search): AsyncIterable<Candidates> {
    const [first] = sort
    if (first?.descending && isId(first.path)) {
      return byIdDescending(place?.id)
    }
    const from = after === undefined ? firstKey : idKey(after)
    return scan(readAfter, from, [through === undefined ? lastKey : idKey(through)])
  }
}

// How the sort keys of all that comes after begin.
function boundOf(id: DocumentId): Buffer {
  const writer = new KeyWriter()
  writer.id(id)
  const bound = new KeyWriter()
  bound.addInverted(writer.bytes)
  return bound.bytes
}
