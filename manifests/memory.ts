// What the application may use of its memory, derived from the container's limit.

const units: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }

/** Bytes of a Kubernetes quantity with a binary suffix, such as 512Mi. */
export function parseQuantity(quantity: string): number {
  const [, number, unit = ''] = /^(\d+)([KMGT]i)$/.exec(quantity) ?? []
  const factor = units[unit]
  if (number === undefined || factor === undefined) {
    throw new Error(`not a quantity in Ki, Mi, Gi or Ti: ${quantity}`)
  }
  return Number(number) * factor
}

/**
 * Node's option for the heap: a quarter of the container. What is not heap needs the rest: bodies and
 * BSON in buffers, the young generation, code, stacks, the kernel's socket buffers. A number, and not
 * --max-old-space-size-percentage: that depends on the memory Node finds at run time, and the
 * manifest should say what it will be.
 */
export const heapOption = (memoryLimit: string): string =>
  `--max-old-space-size=${mebibytes(memoryLimit, 4)}`

/**
 * MAX_BODIES: the bodies that may be in memory at once, a sixteenth of the container. A body exists up to
 * three times: in chunks, in one piece and as BSON. What does not fit is answered with 503.
 */
export const bodiesLimit = (memoryLimit: string): string => `${mebibytes(memoryLimit, 16)}MiB`

// What is made of one document besides its text: 16 MiB of BSON, and 32 for the table of its keys.
const madeOfDocument = 50
// Of MAX_BODIES one body may take seven eighths; the text itself exists twice while its buffer grows.
/** The least MAX_BODIES, in MiB, with which any document of `maxBody` MiB finds room. */
export const bodiesForDocument = (maxBody: number): number =>
  Math.ceil(((2 * maxBody + madeOfDocument) * 8) / 7)

/** The memory limit, in MiB, that a pod needs for this many MiB of MAX_BODIES. */
export const memoryForBodies = (maxBodies: number): number => 16 * maxBodies

const mebibytes = (quantity: string, parts: number) =>
  Math.floor(parseQuantity(quantity) / parts / 2 ** 20)
