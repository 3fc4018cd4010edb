// PATCH /data/{id}: changes a part of a document, and loses nothing that others write meanwhile.
import { type DocumentId, idFromPath, idText } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { smallBytes, textOfBson } from '../codec/document-text.ts'
import { nextPiece } from '../fair-turns.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, sendJson } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import {
  jsonPatchType,
  mergePatchType,
  type PatchType,
  readPatch,
} from '../patch/patch-document.ts'
import type { Change, DocumentStore } from '../store/document-store.ts'
import { createLimiter } from '../store/limiter.ts'
import { isMet, preconditionFailed, readConditions, writeCondition } from './conditions.ts'
import { tagDocument } from './etag.ts'
import { absentDocument, orStoreProblem, orTextProblem } from './store-problem.ts'

/** The media types that a patch may have. */
export const patchTypes: readonly PatchType[] = [mergePatchType, jsonPatchType]

// Milliseconds that a large change waits for those before it: half a million numbers, taken apart, have 60 MB, and of
// twenty such changes at once none found room.
const maxWait = 10_000

/** Makes the handler. */
export function patchHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  // One after the other for a document: otherwise each would find its basis changed.
  const inTurn = createDocumentTurns()
  const large = createLimiter(1, maxWait)
  const takeTurn = <T>(bytes: number, change: () => Promise<T>): Promise<T> =>
    bytes <= smallBytes ? change() : orStoreProblem(large.run(change))
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    const given = bodyType(exchange, patchTypes)
    const type = given === mergePatchType ? mergePatchType : jsonPatchType
    const conditions = readConditions(exchange)
    const condition = writeCondition(conditions)
    await withBody(exchange, limits, async (body, reserve) => {
      const patch = await orTextProblem(readPatch(parser, type, body, reserve))
      let etag = ''
      // Whatever the store makes of it, the fault is this request's.
      let fault: unknown
      const changed: Change = async (current) => {
        if (!(await isMet(condition, current.text))) throw preconditionFailed(conditions)
        return takeTurn(current.text.size + body.length, async () => {
          const bson = await current.bson()
          reserve(bson.length)
          const next = await orTextProblem(patch.apply(bson, idText(id)))
          const after = await tagDocument(textOfBson({ id, bson: next }))
          if (after.bytes > limits.maxBytes && next.length > bson.length) throw tooLarge(limits)
          etag = after.etag
          return next.equals(bson) ? undefined : next
        })
      }
      const change: Change = (current) =>
        changed(current).catch((error: unknown) => {
          fault = error
          return undefined
        })
      if (!(await inTurn(id, () => orStoreProblem(store.change(id, change))))) {
        if (!(await isMet(condition, undefined))) throw preconditionFailed(conditions)
        throw absentDocument(exchange.id)
      }
      if (fault !== undefined) throw fault
      sendJson(exchange, 200, { status: 'Data changed', _id: idText(id) }, { ETag: etag })
    })
  }
}

const tooLarge = ({ maxBytes }: BodyLimits) =>
  new Problem(
    'body_too_large',
    `This patch would give the document more than ${maxBytes} bytes, and so could not be sent whole any more.`,
  )

/**
 * Runs the work of a document in the order in which it came, and what waited in turns of its own: of 32 clients that
 * patched one document all were served in one turn, and a GET beside them took 0.15 s.
 */
export function createDocumentTurns() {
  const last = new Map<DocumentId, Promise<unknown>>()
  return async <T>(id: DocumentId, work: () => Promise<T>): Promise<T> => {
    const before = last.get(id)
    const mine = before === undefined ? work() : before.then(nextPiece).then(work)
    const ended = mine.catch(() => {})
    last.set(id, ended)
    try {
      return await mine
    } finally {
      if (last.get(id) === ended) last.delete(id)
    }
  }
}
