// The place of a document in the order of a query: the values of the sort, then the _id.
import type { DocumentId } from '../codec/document-id.ts'
import type { SortStep } from './filter.ts'
import { isId } from './path.ts'
import { KeyWriter } from './sort-key.ts'

/** The steps of a sort but for the _id, which can only be the last. */
export const valueSteps = (sort: readonly SortStep[]): readonly SortStep[] =>
  sort.filter(({ path }) => !isId(path))

/** Whether the last step is the _id, descending. Without such a step the _ids ascend. */
export function idDescends(sort: readonly SortStep[]): boolean {
  const last = sort.at(-1)
  return last?.descending === true && isId(last.path)
}

const writer = new KeyWriter()
const idWriter = new KeyWriter()

/** The key of a document whose values have this sort key: no two documents have the same. */
export function placeKey(sort: readonly SortStep[], sortKey: Uint8Array, id: DocumentId): Buffer {
  writer.clear()
  writer.add(sortKey)
  idWriter.clear()
  idWriter.id(id)
  if (idDescends(sort)) writer.addInverted(idWriter.bytes)
  else writer.add(idWriter.bytes)
  return Buffer.from(writer.bytes)
}

/** The sort key in the key of the document with this _id. */
export function sortKeyIn(key: Buffer, id: DocumentId): Buffer {
  idWriter.clear()
  idWriter.id(id)
  return key.subarray(0, key.length - idWriter.bytes.length)
}
