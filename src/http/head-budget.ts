// How much memory the heads of requests take, before they begin and until they are answered.
import type { Underway } from './dispatch.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { overloaded } from './problem.ts'

/** Node reads 64 KiB at once, and then no more of a body until somebody receives it. */
export const bytesPerRead = 64 * 1024

// What a name or a value takes beside its characters, and what `headers` repeats of them: a head of 90 fields of 150
// characters takes 35 kB, and 11,500 of them at once ended the process.
const bytesPerField = 64
const copies = 2

// Those of a browser take 4 kB.
const usualHead = 8 * 1024
// Of all requests that are not answered yet, besides usual ones: an eighth of the heap of a pod.
const maxHeads = 32 * 1024 * 1024

/** Bytes of memory that a head takes. */
export function headBytesOf({ rawHeaders, url = '' }: IncomingRequest): number {
  let characters = url.length
  for (const text of rawHeaders) characters += text.length
  return copies * characters + bytesPerField * rawHeaders.length
}

/** Bytes of memory that a request takes before it begins: its head, and as much of its body as may have come with it. */
export function bytesBeforeBegin({ headBytes, request: { headers } }: Underway): number {
  if (headers['transfer-encoding'] !== undefined) return headBytes + bytesPerRead
  return headBytes + Math.min(Number(headers['content-length'] ?? 0), bytesPerRead)
}

/** Makes the budget of the heads of all requests that are not answered yet. */
export function createHeadBudget() {
  let held = 0
  return {
    add({ headBytes }: Underway): void {
      held += headBytes
    },
    remove({ headBytes }: Underway): void {
      held -= headBytes
    },
    /** @throws Problem `overloaded` if its head is long, and there are too many */
    expectRoom({ headBytes }: Underway): void {
      if (held <= maxHeads || headBytes <= usualHead) return
      throw overloaded('Too many requests with long heads at the same time.')
    },
  }
}
