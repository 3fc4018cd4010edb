// Puts each candidate of a query to the evaluator, in turns with everything else.
import type { DocumentId } from '../codec/document-id.ts'
import { nextPiece } from '../fair-turns.ts'
import { Evaluator } from '../query/evaluator.ts'
import type { SortStep } from '../query/filter.ts'
import { placeKey } from '../query/place.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { Bound, Candidates, Search } from '../store/search.ts'
import { orStoreProblem } from './store-problem.ts'

/** The candidate that has been read last. */
class Candidate {
  json: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  matches = false
  /** With a sort: whether all later ones sort after it. */
  isInOrder = false
  /** Its place in the batch. */
  index = 0
  readonly #evaluator: Evaluator
  readonly #sort: readonly SortStep[]
  #batch: Candidates | undefined

  constructor(evaluator: Evaluator, sort: readonly SortStep[]) {
    this.#evaluator = evaluator
    this.#sort = sort
  }

  read(batch: Candidates, index: number, start: number, end: number): void {
    this.json = batch.json
    this.start = start
    this.end = end
    this.#batch = batch
    this.index = index
    this.matches = this.#evaluator.matches
    this.isInOrder = batch.isSorted === true && !this.#evaluator.isPartial
  }

  get id(): DocumentId {
    return this.idAt(this.index)
  }

  /** The _id of another one of its batch. */
  idAt(index: number): DocumentId {
    return this.#batch?.id(index) ?? ''
  }

  /** Its place in the order of the sort, as far as the sort decides. Valid until the next one. */
  get sortKey(): Buffer {
    return this.#evaluator.sortKey
  }

  /** Its place in the order of the sort, with its _id. */
  get key(): Buffer {
    return placeKey(this.#sort, this.#evaluator.sortKey, this.id)
  }
}

/** What is done with the candidates. Each member may end the scan by returning true. */
interface Visitor {
  visit(candidate: Candidate): boolean
  /** At the end of a batch: all later ones sort after the bound, if it is known. */
  endBatch?(bound: Bound | undefined, last: Candidate): boolean | Promise<boolean>
}

/** Visits the candidates of the search. */
export async function scan(store: DocumentStore, search: Search, visitor: Visitor): Promise<void> {
  const evaluator = new Evaluator(search.filter, search.sort)
  const candidate = new Candidate(evaluator, search.sort)
  const batches = store.find(search)[Symbol.asyncIterator]()
  try {
    for (;;) {
      await nextPiece()
      const { done, value: batch } = await orStoreProblem(batches.next())
      if (done) return
      let start = 0
      let read = 0
      for (const [index, end] of batch.ends.entries()) {
        evaluator.begin(batch.json, start, end)
        while (!evaluator.run(evaluator.turnBytes)) await nextPiece()
        candidate.read(batch, index, start, end)
        if (visitor.visit(candidate)) return
        read += end - start
        start = end
        if (read < evaluator.turnBytes) continue
        read = 0
        await nextPiece()
      }
      if (await visitor.endBatch?.(batch.bound, candidate)) return
    }
  } finally {
    await batches.return?.()
  }
}
