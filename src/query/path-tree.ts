// The paths of a query as a tree, and how a value of a document is reached on them.
import { escapedText } from './compare.ts'
import { type Path, positionOf } from './path.ts'
import type { ValueTest } from './value-condition.ts'

/** A step of the paths, with what is asked of the values there. */
export class PathNode {
  readonly tests: { readonly index: number; readonly test: ValueTest }[] = []
  readonly sorts: { readonly index: number; readonly descending: boolean }[] = []
  readonly keys: { readonly key: Buffer; readonly node: PathNode }[] = []
  /** Those of them that may be a position in an array. */
  readonly positions = new Map<number, Reached>()
  /** The document's own _id, whose text of 24 hex digits is an ObjectId. */
  readonly isId: boolean
  /** Whether a sort looks at members of a value here. */
  sortsBelow = false
  // How a value here is reached.
  readonly byKey: readonly Reached[] = [new Reached(this, true, true, true)]
  readonly byPosition = new Reached(this, true, false, true)
  readonly asItem = new Reached(this, true, false, false)
  readonly inItem = new Reached(this, false, false, false)

  constructor(isId: boolean) {
    this.isId = isId
  }

  /** The node that the path leads to from here. */
  at(path: Path, isSort: boolean): PathNode {
    const [step, ...rest] = path
    if (step === undefined) return this
    this.sortsBelow ||= isSort
    const key = escapedText(step)
    const known = this.keys.find((child) => child.key.equals(key))
    if (known) return known.node.at(rest, isSort)
    const node = new PathNode(false)
    this.keys.push({ key, node })
    const position = positionOf(step)
    if (position !== undefined) this.positions.set(position, node.byPosition)
    return node.at(rest, isSort)
  }
}

/** That a value is reached, and how: an array is looked into once, on the way or at the end. */
export class Reached {
  readonly node: PathNode
  /** Whether the path may end with this value. */
  readonly isEnd: boolean
  /** Whether it may end with each element, if the value is an array. */
  readonly expands: boolean
  /** Whether it goes on in the elements, if the value is an array. */
  readonly descends: boolean

  constructor(node: PathNode, isEnd: boolean, expands: boolean, descends: boolean) {
    this.node = node
    this.isEnd = isEnd
    this.expands = expands
    this.descends = descends
  }

  get item(): Reached {
    return this.expands ? this.node.asItem : this.node.inItem
  }
}

const itemSets = new WeakMap<readonly Reached[], readonly Reached[]>()

/** How the elements of an array are reached: the same list each time, for an array may have many. */
export function itemsOf(reached: readonly Reached[]): readonly Reached[] {
  const known = itemSets.get(reached)
  if (known) return known
  const items = reached.map(({ item }) => item)
  itemSets.set(reached, items)
  return items
}
