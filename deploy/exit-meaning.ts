// What the exit code of a container means, in a sentence.

const general: Record<number, string> = {
  0: 'it ended by itself, as if its work were done',
  126: 'its program is not executable',
  127: 'its program was not found in the image',
  132: 'illegal instruction: its program was built for another processor',
  134: 'it aborted itself',
  137: 'killed: out of memory, or it did not end in time when asked to',
  139: 'segmentation fault',
  143: 'asked to end, and it did',
  255: 'it went with its machine',
}

const ofDatabase: Record<number, string> = {
  1: 'mongod could not start; its last lines say why',
  14: 'mongod met an error it cannot go on with, often a folder it may not write',
  62: 'the data was written by a newer or much older MongoDB than this one',
  100: 'mongod could not open its data: the folder is damaged or not writable',
  132: 'illegal instruction: MongoDB 5 and newer need a processor with AVX',
  139: 'segmentation fault: MongoDB 8 on Linux 6.19 or newer needs GLIBC_TUNABLES=glibc.pthread.rseq=1',
}

const ofApplication: Record<number, string> = {
  1: 'the service ended with an error; its last lines say why',
  2: 'the service found wrong settings; its last lines name each',
}

// Illegal instruction, abort, bus error, killed, segmentation fault: how Node ends without memory.
const endsWithoutMemory = new Set([132, 134, 135, 137, 139])

/**
 * The meaning of an exit code in a container of this project, with its memory limit if that may be the
 * reason; OOMKilled is the kernel's own word.
 */
export function exitMeaning(container: string, code: number, reason: string, limit = ''): string {
  if (reason === 'OOMKilled') {
    return `exit code ${code}: it used more memory than its limit${limit && ` of ${limit}`}`
  }
  const application = container === 'app'
  const own = (application ? ofApplication : ofDatabase)[code] ?? general[code]
  const short = application && limit !== '' && endsWithoutMemory.has(code)
  const meaning =
    own && short ? `${own}; Node ends like this if ${limit} of memory are too few` : own
  if (meaning !== undefined) return `exit code ${code}: ${meaning}`
  return code > 128 ? `exit code ${code}: ended by signal ${code - 128}` : `exit code ${code}`
}
