// What a query means: whether a document satisfies it and where it sorts. Both stores are held to this.
import { pieceBytes } from '../codec/document-text.ts'
import { nextPiece } from '../fair-turns.ts'
import { endOfNumber } from './canonical-json.ts'
import { readNumber } from './compare.ts'
import type { ExactNumber, Filter, SortStep } from './filter.ts'
import { isId, type Path } from './path.ts'
import { goesOn, hasEnd, itemsOf, PathNode, type Reached } from './path-tree.ts'
import { KeyWriter, kinds } from './sort-key.ts'
import { prepareTest, type ValueTest } from './value-condition.ts'

// The bytes below: { 0x7b, } 0x7d, [ 0x5b, ] 0x5d, " 0x22, comma 0x2c, backslash 0x5c.

// An object or array under way.
interface Level {
  isObject: boolean
  reached: readonly Reached[]
  /** Of an object: keys that can still come. */
  left: number
  /** Of an array: the index of the last element. */
  index: number
  /** Whether an array leads here. */
  inArray: boolean
}

const nowhere: readonly Reached[] = []

// Conditions and sorts that may each look at every element of an array of a piece of the usual size.
const testsOfPiece = 2

type State = 'member' | 'item' | 'text' | 'skip' | 'done'

/**
 * Reads a document in canonical JSON: its keys and texts with the escapes that JsonWriter writes, and no white
 * space. It goes over the bytes once, for all conditions and sorts, and stops where nothing more can count.
 * JSON.parse would lose 64-bit integers, and take five times as long.
 */
export class Evaluator {
  readonly #root = new PathNode(false)
  readonly #conditions: number
  readonly #sort: readonly SortStep[]
  readonly #holds: (satisfied: Uint8Array) => boolean
  readonly #satisfied: Uint8Array
  // The key of each step of the sort so far, its least or greatest.
  readonly #keys: KeyWriter[]
  readonly #hasKey: Uint8Array
  readonly #collect: ((index: number, key: Buffer) => void) | undefined
  #candidate = new KeyWriter()
  readonly #sortKey = new KeyWriter()
  // Conditions that no value has satisfied yet; one more if a sort must see everything.
  #open = 0
  #json: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0
  #stop = 0
  // Where the text under way is read on, or -1.
  #text = -1
  // Of the text whose end was found: tests that are done, where the search of the next one is, or -1, and what
  // it has found there.
  #tested = 0
  #searched = -1
  #matched = 0
  // Bytes that may still be searched in this turn.
  #left = 0
  #state: State = 'done'
  #skipped = 0
  #reached = nowhere
  #depth = 0
  readonly #levels: Level[] = []
  #isPartial = false

  /** Bytes that are read in one turn of the event loop, in about 5 ms at most. */
  readonly turnBytes: number

  /** `collect` is told of every key that a sort meets, instead of the least or the greatest of them. */
  constructor(
    filter: Filter | undefined,
    sort: readonly SortStep[] = [],
    collect?: (index: number, key: Buffer) => void,
  ) {
    this.#collect = collect
    let conditions = 0
    const prepare = (part: Filter): ((satisfied: Uint8Array) => boolean) => {
      switch (part.kind) {
        case 'condition': {
          const index = conditions++
          this.#nodeOf(part.path, false).tests.push({ index, test: prepareTest(part.test) })
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
    this.#conditions = conditions
    this.#satisfied = new Uint8Array(conditions)
    this.#sort = sort
    sort.forEach(({ path, descending }, index) => {
      this.#nodeOf(path, true).sorts.push({ index, descending })
    })
    this.#keys = sort.map(() => new KeyWriter())
    this.turnBytes = pieceBytes / Math.max(1, (conditions + sort.length) / testsOfPiece)
    this.#hasKey = new Uint8Array(sort.length)
  }

  #nodeOf(path: Path, isSort: boolean): PathNode {
    if (!isId(path)) return this.#root.at(path, isSort)
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
    this.#satisfied.fill(0)
    this.#hasKey.fill(0)
    this.#open = this.#conditions + (this.#sort.length > 0 ? 1 : 0)
    this.#json = json
    this.#at = start + 1
    this.#end = end
    this.#text = -1
    this.#tested = 0
    this.#searched = -1
    this.#depth = 0
    this.#isPartial = false
    this.#enter(true, this.#root.byKey, false)
  }

  /** Reads on for about `bytes` bytes; true when the document has been read. */
  run(bytes: number): boolean {
    this.#stop = Math.min(Math.max(this.#at, this.#text) + bytes, this.#end)
    this.#left = bytes * Math.max(this.#conditions, 1)
    while (this.#state !== 'done' && this.#open > 0) {
      if (!this.#step()) return false
      if (this.#at >= this.#stop && this.#stop < this.#end) return false
    }
    return true
  }

  /** Whether the document that was read satisfies the filter. */
  get matches(): boolean {
    return this.#holds(this.#satisfied)
  }

  /** The place of the document in the order of the sort, without its _id; valid until the next one is read. */
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

  /**
   * Whether an array on the way of a sort has elements in which the path does not go on. MongoDB counts each of
   * them as null, so that it has the document earlier in an ascending order than it is here.
   */
  get isPartial(): boolean {
    return this.#isPartial
  }

  #miss(reached: readonly Reached[]): void {
    for (const { node } of reached) if (node.sortsBelow) this.#isPartial = true
  }

  #step(): boolean {
    switch (this.#state) {
      case 'member':
        return this.#member()
      case 'item':
        return this.#item()
      case 'text':
        return this.#endText()
      default:
        return this.#skip()
    }
  }

  #enter(isObject: boolean, reached: readonly Reached[], inArray: boolean): void {
    let left = 0
    if (isObject) for (const { node } of reached) left += node.keys.length
    const level = this.#levels[this.#depth++]
    if (level === undefined) this.#levels.push({ isObject, reached, left, index: -1, inArray })
    else {
      level.isObject = isObject
      level.reached = reached
      level.left = left
      level.index = -1
      level.inArray = inArray
    }
    this.#state = isObject ? 'member' : 'item'
  }

  #leave(): void {
    this.#depth--
    this.#goOn()
  }

  // After a value.
  #goOn(): void {
    const level = this.#levels[this.#depth - 1]
    if (this.#depth === 0 || level === undefined) this.#state = 'done'
    else this.#state = level.isObject ? 'member' : 'item'
  }

  // Steps over the text whose first character is at `start`; -1 if it goes on after this piece.
  #textEnd(start: number): number {
    const json = this.#json
    const stop = this.#stop
    let at = Math.max(start, this.#text)
    while (at < stop) {
      const byte = json[at]
      if (byte === 0x22) {
        this.#text = -1
        return at
      }
      at += byte === 0x5c ? 2 : 1
    }
    this.#text = at
    return -1
  }

  #member(): boolean {
    const json = this.#json
    const level = this.#levels[this.#depth - 1]
    if (level === undefined) return true
    if (json[this.#at] === 0x2c) this.#at++
    if (level.left === 0) return this.#skipRest()
    const at = this.#at
    if (json[at] === 0x7d) {
      if (level.inArray) this.#miss(level.reached)
      this.#at = at + 1
      this.#leave()
      return true
    }
    const end = this.#textEnd(at + 1)
    if (end < 0) return false
    let found = nowhere
    for (const { node } of level.reached) {
      for (const child of node.keys) {
        if (!isKey(json, at + 1, end, child.key)) continue
        level.left--
        found = found === nowhere ? child.node.byKey : [...found, ...child.node.byKey]
        break
      }
    }
    this.#at = end + 2
    if (found === nowhere) this.#beginSkip(0)
    else this.#value(found, level.inArray)
    return true
  }

  #skipRest(): boolean {
    if (this.#depth === 1) this.#state = 'done'
    else {
      this.#depth--
      this.#beginSkip(1)
    }
    return true
  }

  #item(): boolean {
    const json = this.#json
    const level = this.#levels[this.#depth - 1]
    if (level === undefined) return true
    if (json[this.#at] === 0x2c) this.#at++
    if (json[this.#at] === 0x5d) {
      this.#at++
      this.#leave()
      return true
    }
    const index = ++level.index
    let found = level.reached
    if (found.length === 1) found = itemsOf(found)
    else found = level.reached.map(({ item }) => item)
    for (const { node } of level.reached) {
      const reached = node.positions.get(index)
      if (reached) found = [...found, reached]
    }
    this.#value(found, true)
    return true
  }

  #value(reached: readonly Reached[], inArray: boolean): void {
    const json = this.#json
    const at = this.#at
    const byte = json[at] ?? 0
    if (inArray && byte !== 0x7b) this.#miss(reached)
    switch (byte) {
      case 0x22:
        this.#reached = reached
        this.#state = 'text'
        return
      case 0x7b:
        this.#whole(reached, at)
        if (reached.some(({ node }) => node.keys.length > 0)) {
          this.#at = at + 1
          this.#enter(true, reached, inArray)
        } else this.#beginSkip(0)
        return
      case 0x5b:
        this.#array(reached, at)
        return
      case 0x74:
      case 0x66:
      case 0x6e:
        this.#literal(reached, byte)
        this.#at = at + (byte === 0x66 ? 5 : 4)
        break
      default: {
        const end = endOfNumber(json, at)
        this.#number(reached, readNumber(json, at, end))
        this.#at = end
      }
    }
    this.#goOn()
  }

  // An object, or an array that is not expanded: it satisfies what takes anything, and sorts as it is.
  #whole(reached: readonly Reached[], at: number): void {
    for (const { isEnd, node } of reached) {
      if (!isEnd) continue
      for (const { index, test } of node.tests) if (test.anything) this.#satisfy(index)
      for (const sort of node.sorts) {
        this.#candidate.clear()
        this.#candidate.value(this.#json, at)
        this.#offer(sort)
      }
    }
  }

  #array(reached: readonly Reached[], at: number): void {
    const isEmpty = this.#json[at + 1] === 0x5d
    let looksInside = false
    for (const each of reached) {
      const { expands, isEnd, node, descends } = each
      if (!expands) this.#whole([each], at)
      else if (isEnd) {
        for (const { index, test } of node.tests) if (test.anything) this.#satisfy(index)
        if (isEmpty) for (const sort of node.sorts) this.#offerKind(sort, kinds.emptyArray)
      }
      looksInside ||= descends && (node.keys.length > 0 || (expands && hasEnd(node)))
    }
    if (!looksInside) {
      this.#beginSkip(0)
      return
    }
    this.#at = at + 1
    this.#enter(false, reached.every(goesOn) ? reached : reached.filter(goesOn), true)
  }

  #literal(reached: readonly Reached[], byte: number): void {
    for (const { isEnd, node } of reached) {
      if (!isEnd) continue
      for (const { index, test } of node.tests) {
        if (test.anything || test.literals.includes(String.fromCharCode(byte))) this.#satisfy(index)
      }
      for (const sort of node.sorts) {
        if (byte === 0x6e) this.#offerKind(sort, kinds.null)
        else {
          this.#candidate.clear()
          this.#candidate.boolean(byte === 0x74)
          this.#offer(sort)
        }
      }
    }
  }

  #number(reached: readonly Reached[], value: ExactNumber): void {
    for (const { isEnd, node } of reached) {
      if (!isEnd) continue
      for (const { index, test } of node.tests) {
        if (test.anything || test.number?.(value)) this.#satisfy(index)
      }
      for (const sort of node.sorts) {
        this.#candidate.clear()
        this.#candidate.number(value)
        this.#offer(sort)
      }
    }
  }

  #endText(): boolean {
    const json = this.#json
    const start = this.#at + 1
    const end = this.#textEnd(start)
    if (end < 0) return false
    let passed = 0
    for (const { isEnd, node } of this.#reached) {
      if (!isEnd) continue
      const isObjectId = node.isId && isHex24(json, start, end)
      for (const { index, test } of node.tests) {
        if (passed++ < this.#tested) continue
        if (this.#satisfied[index] !== 1) {
          const fits = test.anything || !isObjectId || test.objectId
          const holds = fits && this.#testText(test, start, end)
          if (holds === undefined) {
            // The end need not be looked for again.
            this.#text = end
            return false
          }
          if (holds) this.#satisfy(index)
        }
        this.#tested = passed
      }
    }
    this.#tested = 0
    for (const { isEnd, node } of this.#reached) {
      if (!isEnd || node.sorts.length === 0) continue
      const isObjectId = node.isId && isHex24(json, start, end)
      for (const sort of node.sorts) {
        this.#candidate.clear()
        if (isObjectId) this.#candidate.objectId(json.toString('latin1', start, end))
        else this.#candidate.text(json, start, end)
        this.#offer(sort)
      }
    }
    this.#at = end + 1
    this.#goOn()
    return true
  }

  // Undefined: the turn is over, and the search goes on in the next.
  #testText(test: ValueTest, start: number, end: number): boolean | undefined {
    if (test.anything) return true
    if (!test.search) return test.text?.(this.#json, start, end) === true
    const at = this.#searched < 0 ? start : this.#searched
    const to = Math.min(end, at + this.#left)
    const before = this.#searched < 0 ? 0 : this.#matched
    this.#matched = test.search.read(this.#json, start, at, to, before)
    this.#left -= to - at
    const isOver = this.#matched < 0 || to === end
    this.#searched = isOver ? -1 : to
    return isOver ? this.#matched < 0 : undefined
  }

  #satisfy(index: number): void {
    if (this.#satisfied[index] === 1) return
    this.#satisfied[index] = 1
    this.#open--
  }

  #offerKind(sort: { readonly index: number; readonly descending: boolean }, kind: number): void {
    this.#candidate.clear()
    this.#candidate.kind(kind)
    this.#offer(sort)
  }

  // Keeps the candidate if it is the least so far, or the greatest.
  #offer({ index, descending }: { readonly index: number; readonly descending: boolean }): void {
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

  #beginSkip(depth: number): void {
    this.#skipped = depth
    this.#state = 'skip'
  }

  // Steps over a value, or out of `#skipped` levels.
  #skip(): boolean {
    const json = this.#json
    const stop = this.#stop
    let at = this.#at
    let depth = this.#skipped
    let isText = this.#text >= 0
    if (isText) at = this.#text
    while (at < stop) {
      const byte = json[at] ?? 0
      if (isText || byte === 0x22) {
        if (!isText) at++
        isText = true
        for (let inner = json[at]; at < stop && inner !== 0x22; inner = json[at]) {
          at += inner === 0x5c ? 2 : 1
        }
        if (at >= stop) break
        isText = false
        at++
        if (depth === 0) return this.#endSkip(at)
      } else if (byte === 0x7b || byte === 0x5b) {
        depth++
        at++
      } else if (byte === 0x7d || byte === 0x5d) {
        if (depth === 0) return this.#endSkip(at)
        at++
        if (--depth === 0) return this.#endSkip(at)
      } else if (byte === 0x2c && depth === 0) return this.#endSkip(at)
      else at++
    }
    this.#at = at
    this.#text = isText ? at : -1
    this.#skipped = depth
    return false
  }

  #endSkip(at: number): true {
    this.#at = at
    this.#text = -1
    this.#goOn()
    return true
  }
}

const missing = Buffer.of(kinds.null)

function isKey(json: Buffer, start: number, end: number, key: Buffer): boolean {
  const { length } = key
  if (end - start !== length) return false
  for (let index = 0; index < length; index++) {
    if (json[start + index] !== key[index]) return false
  }
  return true
}

function isHex24(json: Buffer, start: number, end: number): boolean {
  if (end - start !== 24) return false
  for (let at = start; at < end; at++) {
    const byte = json[at] ?? 0
    if (!((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66))) return false
  }
  return true
}
