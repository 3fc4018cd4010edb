// Goes over a document's JSON along the paths of a query, and hands on the values that they reach.
import { endOfNumber } from './canonical-json.ts'
import { isAt, readNumber } from './compare.ts'
import { itemsOf, type PathNode, type Reached } from './path-tree.ts'
import type { ValueResults } from './value-results.ts'

// The bytes below: { 0x7b, } 0x7d, [ 0x5b, ] 0x5d, " 0x22, comma 0x2c, backslash 0x5c.

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
const goesOn = ({ descends }: Reached) => descends

type State = 'member' | 'item' | 'text' | 'skip' | 'done'

/**
 * Goes over canonical JSON, as JsonWriter writes it, once, in turns, and stops where nothing more can count.
 * JSON.parse would lose 64-bit integers, and take five times as long.
 */
export class DocumentWalk {
  readonly #root: PathNode
  readonly #results: ValueResults
  #json: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0
  #stop = 0
  // Where the text under way is read on, or -1.
  #text = -1
  #state: State = 'done'
  #skipped = 0
  #reached = nowhere
  #depth = 0
  readonly #levels: Level[] = []
  /** See Evaluator.isPartial. */
  isPartial = false

  constructor(root: PathNode, results: ValueResults) {
    this.#root = root
    this.#results = results
  }

  /** Begins with the document from `start` to `end`. */
  begin(json: Buffer, start: number, end: number): void {
    this.#json = json
    this.#at = start + 1
    this.#end = end
    this.#text = -1
    this.#depth = 0
    this.isPartial = false
    this.#enter(true, this.#root.byKey, false)
  }

  /** Goes on for about `bytes` bytes; true when it is over. */
  run(bytes: number): boolean {
    this.#stop = Math.min(Math.max(this.#at, this.#text) + bytes, this.#end)
    while (this.#state !== 'done' && this.#results.isOpen) {
      if (!this.#step()) return false
      if (this.#at >= this.#stop && this.#stop < this.#end) return false
    }
    return true
  }

  #miss(reached: readonly Reached[]): void {
    for (const { node } of reached) if (node.sortsBelow) this.isPartial = true
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
        if (end - at - 1 !== child.key.length || !isAt(json, at + 1, end, child.key)) continue
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
    this.#depth--
    if (this.#depth === 0) this.#state = 'done'
    else this.#beginSkip(1)
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
    const isOne = level.reached.length === 1
    let found = isOne ? itemsOf(level.reached) : level.reached.map(({ item }) => item)
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
        for (const each of reached) this.#results.whole(each, json, at)
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
        for (const each of reached) this.#results.whole(each, json, at)
        this.#at = at + (byte === 0x66 ? 5 : 4)
        break
      default: {
        const end = endOfNumber(json, at)
        this.#results.number(reached, readNumber(json, at, end))
        this.#at = end
      }
    }
    this.#goOn()
  }

  #array(reached: readonly Reached[], at: number): void {
    const isEmpty = this.#json[at + 1] === 0x5d
    let looksInside = false
    for (const each of reached) {
      const { expands, node, descends } = each
      if (expands) this.#results.expanded(each, isEmpty)
      else this.#results.whole(each, this.#json, at)
      const hasEnd = expands && (node.tests.length > 0 || node.sorts.length > 0)
      looksInside ||= descends && (node.keys.length > 0 || hasEnd)
    }
    if (looksInside) {
      this.#at = at + 1
      this.#enter(false, reached.every(goesOn) ? reached : reached.filter(goesOn), true)
    } else this.#beginSkip(0)
  }

  #endText(): boolean {
    const start = this.#at + 1
    const end = this.#textEnd(start)
    if (end < 0) return false
    if (!this.#results.text(this.#reached, this.#json, start, end)) {
      // The end need not be looked for again.
      this.#text = end
      return false
    }
    this.#at = end + 1
    this.#goOn()
    return true
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
