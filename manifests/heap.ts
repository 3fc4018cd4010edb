// The size of Node's heap, out of the container's memory limit.

const units: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }

/** Bytes of a Kubernetes quantity with a binary suffix, such as 512Mi. */
export function bytes(quantity: string): number {
  const [, number, unit = ''] = /^(\d+)([KMGT]i)$/.exec(quantity) ?? []
  const factor = units[unit]
  if (number === undefined || factor === undefined) {
    throw new Error(`not a quantity in Ki, Mi, Gi or Ti: ${quantity}`)
  }
  return Number(number) * factor
}

/**
 * Node's option for a heap that leaves half of the container to what is not heap: bodies and BSON in
 * buffers, the young generation, code, stacks. A number, and not --max-old-space-size-percentage: that
 * is of the memory Node finds at run time, and the manifest should say what it will be.
 */
export function heapOption(memoryLimit: string): string {
  return `--max-old-space-size=${Math.floor(bytes(memoryLimit) / 2 / 2 ** 20)}`
}
