// What a query means: whether a document satisfies it and where it sorts. Both stores are held to this.
import { pieceBytes } from '../codec/document-text.ts'
import { nextPiece } from '../fair-turns.ts'
import { DocumentWalk } from './document-walk.ts'
import type { Filter, SortStep } from './filter.ts'
import { isId, type Path } from './path.ts'
import { PathNode } from './path-tree.ts'
import { valueSteps } from './place.ts'
import { prepareTest } from './value-condition.ts'
import { type CollectKey, ValueResults } from './value-results.ts'

// Conditions and sorts that may each look at every element of an array of a piece of the usual size.
const testsOfPiece = 2

/** Reads documents in canonical JSON, one after the other, for all conditions and sorts of a query. */
export class Evaluator {
  readonly #root = new PathNode(false)
  readonly #holds: (satisfied: Uint8Array) => boolean
  readonly #results: ValueResults
  readonly #walk: DocumentWalk

  /** Bytes that are read in one turn of the event loop, in about 5 ms at most. */
  readonly turnBytes: number

  constructor(filter: Filter | undefined, sort: readonly SortStep[] = [], collect?: CollectKey) {
    let conditions = 0
    const prepare = (part: Filter): ((satisfied: Uint8Array) => boolean) => {
      switch (part.kind) {
        case 'condition': {
          const index = conditions++
          this.#nodeOf(part.path).tests.push({ index, test: prepareTest(part.test) })
          return (satisfied) => satisfied[index] === 1
        }
        case 'not': {
          const holds = prepare(part.of)
          return (satisfied) => !holds(satisfied)
        }
        default: {
          const all = part.of.map(prepare)
          return part.kind === 'all'
            ? (satisfied) => all.every((holds) => holds(satisfied))
            : (satisfied) => all.some((holds) => holds(satisfied))
        }
      }
    }
    this.#holds = filter === undefined ? () => true : prepare(filter)
    const steps = valueSteps(sort)
    steps.forEach(({ path, descending }, index) => {
      this.#root.at(path, true).sorts.push({ index, descending })
    })
    this.turnBytes = pieceBytes / Math.max(1, (conditions + steps.length) / testsOfPiece)
    this.#results = new ValueResults(conditions, steps, collect)
    this.#walk = new DocumentWalk(this.#root, this.#results)
  }

  #nodeOf(path: Path): PathNode {
    if (!isId(path)) return this.#root.at(path, false)
    const known = this.#root.keys.find(({ node }) => node.isId)
    if (known) return known.node
    const node = new PathNode(true)
    this.#root.keys.push({ key: Buffer.from('_id'), node })
    return node
  }

  /** Reads the document from `start` to `end`, whole. */
  read(json: Buffer, start: number, end: number): void {
    this.begin(json, start, end)
    while (!this.run(end - start)) {}
  }

  /** The same in turns. Nothing else may be read meanwhile. */
  async readInTurns(json: Buffer, start: number, end: number): Promise<void> {
    this.begin(json, start, end)
    while (!this.run(this.turnBytes)) await nextPiece()
  }

  /** Begins with a document; `run` reads it. */
  begin(json: Buffer, start: number, end: number): void {
    this.#results.clear()
    this.#walk.begin(json, start, end)
  }

  /** Reads on for about `bytes` bytes; true when the document has been read. */
  run(bytes: number): boolean {
    this.#results.beginTurn(bytes)
    return this.#walk.run(bytes)
  }

  /** Whether the document that was read satisfies the filter. */
  get matches(): boolean {
    return this.#holds(this.#results.satisfied)
  }

  /** The place of the document in the order of the sort, without its _id; valid until the next one is read. */
  get sortKey(): Buffer {
    return this.#results.sortKey
  }

  /**
   * Whether an array on the way of a sort has elements in which the path does not go on. MongoDB counts each as null,
   * so that it has the document earlier in an ascending order than it is here.
   */
  get isPartial(): boolean {
    return this.#walk.isPartial
  }
}
