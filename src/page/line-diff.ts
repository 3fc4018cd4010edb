// What two texts share and what only one of them has, line by line (Myers, An O(ND) Difference Algorithm).
import { nextPiece } from '../fair-turns.ts'

/** Lines one after the other. */
export interface Run {
  readonly of: 'both' | 'theirs' | 'mine'
  readonly lines: readonly string[]
}

// Lines that are compared in one turn of the event loop, in 1 ms at most, and those that are numbered.
const comparedLines = 100_000
const numberedLines = 5000
// Texts that differ in more lines are shown as different from their first different line to their last.
const mostDifferent = 200

/**
 * Both texts as one. A comma at the end makes no line different. Takes at most `mostDifferent` times the length of
 * the texts, in turns.
 */
export async function diffLines(
  theirs: readonly string[],
  mine: readonly string[],
): Promise<Run[]> {
  const numbers = new Map<string, number>()
  const left = await numbered(theirs, numbers)
  const right = await numbered(mine, numbers)
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start++
  let tail = 0
  const most = Math.min(left.length, right.length) - start
  while (tail < most && left.at(-1 - tail) === right.at(-1 - tail)) tail++
  const steps = await shortestPath(
    left.subarray(start, left.length - tail),
    right.subarray(start, right.length - tail),
  )
  const runs: Run[] = []
  let [at, to] = [0, 0]
  for (const { of, count } of [
    { of: 'both', count: start } as const,
    ...steps,
    { of: 'both', count: tail } as const,
  ]) {
    const lines = of === 'theirs' ? theirs.slice(at, at + count) : mine.slice(to, to + count)
    if (count > 0) runs.push({ of, lines })
    if (of !== 'mine') at += count
    if (of !== 'theirs') to += count
  }
  return runs
}

// Equal lines have equal numbers.
async function numbered(lines: readonly string[], numbers: Map<string, number>) {
  const result = new Int32Array(lines.length)
  for (const [index, line] of lines.entries()) {
    const key = line.endsWith(',') ? line.slice(0, -1) : line
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    result[index] = number
    if (index % numberedLines === 0) await nextPiece()
  }
  return result
}

interface Step {
  readonly of: Run['of']
  count: number
}

async function shortestPath(left: Int32Array, right: Int32Array): Promise<Step[]> {
  const [width, height] = [left.length, right.length]
  const middle = mostDifferent + 1
  // How far each diagonal reaches, and how far it did before each step, only as wide as it was then.
  const reach = new Int32Array(2 * middle + 1)
  const before: Int32Array[] = []
  let work = 0
  for (let cost = 0; cost <= mostDifferent; cost++) {
    before.push(reach.slice(middle - cost - 1, middle + cost + 2))
    for (let diagonal = -cost; diagonal <= cost; diagonal += 2) {
      const from = startOf(reach, middle + diagonal, diagonal, cost)
      let x = from
      while (x < width && x - diagonal < height && left[x] === right[x - diagonal]) x++
      reach[middle + diagonal] = x
      if (x >= width && x - diagonal >= height) return backtrack(before, width, height)
      work += x - from + 1
      if (work < comparedLines) continue
      work = 0
      await nextPiece()
    }
  }
  return [
    { of: 'theirs', count: width },
    { of: 'mine', count: height },
  ]
}

// Whether the best way to the diagonal comes from the one above, by a line of the right text.
function isDown(reach: Int32Array, at: number, diagonal: number, cost: number): boolean {
  if (diagonal === -cost) return true
  return diagonal !== cost && (reach[at - 1] ?? 0) < (reach[at + 1] ?? 0)
}

function startOf(reach: Int32Array, at: number, diagonal: number, cost: number): number {
  return isDown(reach, at, diagonal, cost) ? (reach[at + 1] ?? 0) : (reach[at - 1] ?? 0) + 1
}

function backtrack(before: readonly Int32Array[], width: number, height: number): Step[] {
  const steps: Step[] = []
  const add = (of: Run['of'], count: number) => {
    const last = steps.at(-1)
    if (last?.of === of) last.count += count
    else if (count > 0) steps.push({ of, count })
  }
  let [x, y] = [width, height]
  for (const [cost, reach] of [...before.entries()].reverse()) {
    const diagonal = x - y
    const at = diagonal + cost + 1
    const start = startOf(reach, at, diagonal, cost)
    add('both', x - start)
    const isMine = isDown(reach, at, diagonal, cost)
    if (cost > 0) add(isMine ? 'mine' : 'theirs', 1)
    x = isMine ? start : start - 1
    y = start - diagonal - (isMine ? 1 : 0)
  }
  return steps.reverse()
}
