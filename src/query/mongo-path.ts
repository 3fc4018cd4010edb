// How MongoDB reads a path: whether it reaches the same values there.
import { type Path, positionOf } from './path.ts'

/** Where a path can be asked about, and whether exactly. */
export interface Reach {
  readonly name: string
  /** Whether the server reaches the same values. If not, a document that has any has this member at least. */
  readonly isWhole: boolean
  /** Whether that also holds for what it does not reach: a position in an array is read in more than one way. */
  readonly isExact: boolean
}

/**
 * The server knows no path with an empty key or one with a dot; and it reads what follows a position its own
 * way. Undefined: it can be asked about nothing of it.
 */
export function reachOf(path: Path): Reach | undefined {
  const steps: string[] = []
  for (const [at, step] of path.entries()) {
    const isPosition = at > 0 && positionOf(step) !== undefined
    const isLast = at === path.length - 1
    if (step === '' || step.includes('.') || (isPosition && !isLast)) {
      return steps.length === 0
        ? undefined
        : { name: steps.join('.'), isWhole: false, isExact: false }
    }
    steps.push(step)
    if (isPosition) return { name: steps.join('.'), isWhole: true, isExact: false }
  }
  return { name: steps.join('.'), isWhole: true, isExact: true }
}

/** The path as the server writes it, if it reads it in the same way; undefined otherwise. */
export function exactName(path: Path): string | undefined {
  const reach = reachOf(path)
  return reach?.isExact ? reach.name : undefined
}
