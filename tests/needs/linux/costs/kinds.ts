// All attacks, by the kind of cost that they attack.
import type { Kind } from './attack.ts'
import { blockedStore } from './blocked-store.ts'
import { costlyFaults } from './costly-faults.ts'
import { costlyPatches } from './costly-patches.ts'
import { largeDocuments } from './large-documents.ts'
import { longHeads } from './long-heads.ts'
import { longLoops } from './long-loops.ts'
import { pipelinedWork } from './pipelined-work.ts'
import { prettyText } from './pretty-text.ts'
import { slowReaders } from './slow-readers.ts'
import { stalledBodies } from './stalled-bodies.ts'
import { uncountedObjects } from './uncounted-objects.ts'

export const kinds: readonly Kind[] = [
  { kind: 'objects that no budget counts', attacks: [...uncountedObjects, ...costlyPatches] },
  { kind: 'an error that costs more than its cause', attacks: costlyFaults },
  { kind: 'pretty text larger than its document', attacks: prettyText },
  { kind: 'work multiplied in one turn', attacks: [...largeDocuments, ...pipelinedWork] },
  { kind: 'superlinear or long loops', attacks: [...longLoops, ...longHeads] },
  { kind: 'declared, not sent', attacks: stalledBodies },
  { kind: 'a budget that does not see progress', attacks: slowReaders },
  { kind: 'a wait on the event loop', attacks: blockedStore },
]
