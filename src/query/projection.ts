// Writes the members of a document that a query asks for, in their order, straight from its JSON.
import { endOfNumber, endOfText } from './canonical-json.ts'
import { escapedText, isAt } from './compare.ts'
import { type Path, positionOf } from './path.ts'

/** The members that are asked for below a value; undefined: all of it. */
export interface Projection {
  readonly keys: {
    readonly key: Buffer
    readonly isPosition: boolean
    below: Projection | undefined
  }[]
  readonly positions: Map<number, Projection | undefined>
}

/** Makes a projection. The _id is always in it. */
export function createProjection(fields: readonly Path[]): Projection {
  const wanted: Projection = { keys: [], positions: new Map() }
  for (const path of [['_id'], ...fields]) add(wanted, path)
  return wanted
}

function add(wanted: Projection, [step, ...rest]: Path): void {
  if (step === undefined) return
  const key = escapedText(step)
  const position = positionOf(step)
  const isPosition = position !== undefined
  let child = wanted.keys.find((known) => known.key.equals(key))
  if (child === undefined) {
    child = { key, isPosition, below: { keys: [], positions: new Map() } }
    wanted.keys.push(child)
  }
  // A shorter path has all that a longer one has.
  if (rest.length === 0) child.below = undefined
  else if (child.below) add(child.below, rest)
  if (isPosition) wanted.positions.set(position, child.below)
}

// Returns where the part of the JSON ends.
type Work = Generator<undefined, number>

// Bytes that are gone over between two chances for others.
const pieceBytes = 64 * 1024

/** Tells `copy` which parts, most of them of `json`, make the document. Yields when others should have their turn. */
export function* project(
  wanted: Projection,
  json: Buffer,
  start: number,
  copy: (source: Buffer, from: number, to: number) => void,
): Work {
  let turn = start + pieceBytes

  function* skip(from: number): Work {
    let at = from
    let depth = 0
    for (;;) {
      const byte = json[at]
      if (byte === 0x22) at = endOfText(json, at + 1) + 1
      else if (byte === 0x7b || byte === 0x5b) {
        depth++
        at++
      } else if (byte === 0x7d || byte === 0x5d) {
        depth--
        at++
      } else if (byte === 0x2c || byte === 0x3a) {
        at++
        continue
      } else at = endOfNumber(json, at)
      if (depth === 0) return at
      if (at >= turn) {
        turn = at + pieceBytes
        yield
      }
    }
  }

  function* object(from: number, wantedHere: readonly Projection[]): Work {
    let isFirst = true
    let at = from + 1
    copy(json, from, at)
    while (json[at] !== 0x7d) {
      if (json[at] === 0x2c) at++
      const keyEnd = endOfText(json, at + 1)
      const children = wantedHere.flatMap(({ keys }) =>
        keys.filter(({ key }) => key.length === keyEnd - at - 1 && isAt(json, at + 1, keyEnd, key)),
      )
      const valueAt = keyEnd + 2
      if (children.length === 0) {
        at = yield* skip(valueAt)
        continue
      }
      const below = children.map((child) => child.below)
      const isWhole = below.includes(undefined)
      const first = json[valueAt]
      // A path that goes on in a text or a number leads nowhere.
      if (!isWhole && first !== 0x7b && first !== 0x5b) {
        at = yield* skip(valueAt)
        continue
      }
      if (!isFirst) copy(comma, 0, 1)
      isFirst = false
      copy(json, at, valueAt)
      at = yield* value(valueAt, isWhole ? undefined : below.filter((each) => each !== undefined))
    }
    copy(json, at, at + 1)
    return at + 1
  }

  // Of an array the positions that are asked for, and what is asked for by name of the objects in it.
  function* array(from: number, wantedHere: readonly Projection[]): Work {
    const named = wantedHere.map(byName).filter(({ keys }) => keys.length > 0)
    let isFirst = true
    let at = from + 1
    copy(json, from, at)
    for (let index = 0; json[at] !== 0x5d; index++) {
      if (json[at] === 0x2c) at++
      const asked = wantedHere.filter(({ positions }) => positions.has(index))
      const below = asked.map(({ positions }) => positions.get(index))
      const isWhole = below.includes(undefined)
      const inside = [
        ...(json[at] === 0x7b ? named : []),
        ...below.filter((each) => each !== undefined),
      ]
      const isContainer = json[at] === 0x7b || json[at] === 0x5b
      if (!isWhole && !(isContainer && inside.length > 0)) {
        at = yield* skip(at)
        continue
      }
      if (!isFirst) copy(comma, 0, 1)
      isFirst = false
      at = yield* value(at, isWhole ? undefined : inside)
    }
    copy(json, at, at + 1)
    return at + 1
  }

  function* value(at: number, wantedHere: readonly Projection[] | undefined): Work {
    if (wantedHere !== undefined) {
      return json[at] === 0x7b ? yield* object(at, wantedHere) : yield* array(at, wantedHere)
    }
    const end = yield* skip(at)
    copy(json, at, end)
    return end
  }

  return yield* object(start, [wanted])
}

// A step that may be a position is one in an array.
const byName = ({ keys }: Projection): Projection => ({
  keys: keys.filter(({ isPosition }) => !isPosition),
  positions: new Map(),
})

const comma = Buffer.from(',')
