// What the values that the paths reach say of a document: which conditions hold, and the keys that it sorts by.
import type { ExactNumber, SortStep } from './filter.ts'
import type { PathNode, Reached } from './path-tree.ts'
import { KeyWriter, kinds } from './sort-key.ts'
import type { ValueTest } from './value-condition.ts'

/** Is told of each key that a sort meets; without it the least or the greatest is kept. */
export type CollectKey = (index: number, key: Buffer) => void

type Sort = PathNode['sorts'][number]

export class ValueResults {
  readonly #conditions: number
  readonly #sort: readonly SortStep[]
  readonly #collect: CollectKey | undefined
  /** One entry for each condition: 1 if a value satisfies it. */
  readonly satisfied: Uint8Array
  // The key of each step of the sort so far, its least or greatest.
  readonly #keys: KeyWriter[]
  readonly #hasKey: Uint8Array
  #candidate = new KeyWriter()
  readonly #sortKey = new KeyWriter()
  // Conditions that no value has satisfied yet; one more if a sort must see everything.
  #open = 0
  // Of the text under way: tests that are done, where the search of the next one is, or -1, and what it has found.
  #tested = 0
  #searched = -1
  #matched = 0
  // Bytes that may still be searched in this turn.
  #left = 0

  constructor(conditions: number, sort: readonly SortStep[], collect: CollectKey | undefined) {
    this.#conditions = conditions
    this.#sort = sort
    this.#collect = collect
    this.satisfied = new Uint8Array(conditions)
    this.#keys = sort.map(() => new KeyWriter())
    this.#hasKey = new Uint8Array(sort.length)
  }

  /** Begins with a document. */
  clear(): void {
    this.satisfied.fill(0)
    this.#hasKey.fill(0)
    this.#open = this.#conditions + (this.#sort.length > 0 ? 1 : 0)
    this.#tested = 0
    this.#searched = -1
  }

  /** Begins with a turn of about this many bytes: as many are searched for each condition. */
  beginTurn(bytes: number): void {
    this.#left = bytes * Math.max(this.#conditions, 1)
  }

  /** Whether a value can still change anything. */
  get isOpen(): boolean {
    return this.#open > 0
  }

  /** The keys of the steps, one after the other; valid until the next document. */
  get sortKey(): Buffer {
    const key = this.#sortKey
    key.clear()
    this.#sort.forEach(({ descending }, index) => {
      const own = this.#keys[index]
      const bytes = own && this.#hasKey[index] === 1 ? own.bytes : missing
      if (descending) key.addInverted(bytes)
      else key.add(bytes)
    })
    return key.bytes
  }

  /** An object, an array that is not expanded, true, false or null. */
  whole({ isEnd, node }: Reached, json: Buffer, at: number): void {
    if (!isEnd) return
    const first = String.fromCharCode(json[at] ?? 0)
    for (const { index, test } of node.tests) {
      if (test.anything || test.literals.includes(first)) this.#satisfy(index)
    }
    for (const sort of node.sorts) {
      this.#fresh().value(json, at)
      this.#offer(sort)
    }
  }

  /** An array whose elements are looked at. */
  expanded({ isEnd, node }: Reached, isEmpty: boolean): void {
    if (!isEnd) return
    for (const { index, test } of node.tests) if (test.anything) this.#satisfy(index)
    for (const sort of isEmpty ? node.sorts : []) {
      this.#fresh().byte(kinds.emptyArray)
      this.#offer(sort)
    }
  }

  number(reached: readonly Reached[], value: ExactNumber): void {
    for (const { isEnd, node } of reached) {
      if (!isEnd) continue
      for (const { index, test } of node.tests) {
        if (test.anything || test.number?.(value)) this.#satisfy(index)
      }
      for (const sort of node.sorts) {
        this.#fresh().number(value)
        this.#offer(sort)
      }
    }
  }

  /** The text between its quotes. False: the turn is over before all of it was searched; the same call goes on. */
  text(reached: readonly Reached[], json: Buffer, start: number, end: number): boolean {
    let passed = 0
    for (const { isEnd, node } of reached) {
      if (!isEnd) continue
      const isObjectId = node.isId && isHex24(json, start, end)
      for (const { index, test } of node.tests) {
        if (passed++ < this.#tested) continue
        if (this.satisfied[index] !== 1) {
          const fits = test.anything || !isObjectId || test.objectId
          const holds = fits && this.#testText(test, json, start, end)
          if (holds === undefined) return false
          if (holds) this.#satisfy(index)
        }
        this.#tested = passed
      }
    }
    this.#tested = 0
    for (const { isEnd, node } of reached) {
      if (!isEnd) continue
      for (const sort of node.sorts) {
        this.#fresh().text(json, start, end)
        this.#offer(sort)
      }
    }
    return true
  }

  // Undefined: the turn is over, and the search goes on in the next.
  #testText(test: ValueTest, json: Buffer, start: number, end: number): boolean | undefined {
    if (test.anything) return true
    if (!test.search) return test.text?.(json, start, end) === true
    const at = this.#searched < 0 ? start : this.#searched
    const to = Math.min(end, at + this.#left)
    const before = this.#searched < 0 ? 0 : this.#matched
    this.#matched = test.search.read(json, start, at, to, before)
    this.#left -= to - at
    const isOver = this.#matched < 0 || to === end
    this.#searched = isOver ? -1 : to
    return isOver ? this.#matched < 0 : undefined
  }

  #satisfy(index: number): void {
    if (this.satisfied[index] === 1) return
    this.satisfied[index] = 1
    this.#open--
  }

  #fresh(): KeyWriter {
    this.#candidate.clear()
    return this.#candidate
  }

  // Keeps the candidate if it is the least so far, or the greatest.
  #offer({ index, descending }: Sort): void {
    if (this.#collect) {
      this.#collect(index, this.#candidate.bytes)
      return
    }
    const best = this.#keys[index]
    if (best === undefined) return
    if (this.#hasKey[index] === 1) {
      const comparison = Buffer.compare(this.#candidate.bytes, best.bytes)
      if (descending ? comparison <= 0 : comparison >= 0) return
    }
    this.#hasKey[index] = 1
    this.#keys[index] = this.#candidate
    this.#candidate = best
  }
}

const missing = Buffer.of(kinds.null)

function isHex24(json: Buffer, start: number, end: number): boolean {
  if (end - start !== 24) return false
  for (let at = start; at < end; at++) {
    const byte = json[at] ?? 0
    if (!((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66))) return false
  }
  return true
}
