// The answer to a text that is refused, and to a store that could not do what it was asked.
import { abbreviatePointer } from '../codec/json-source.ts'
import { Refusal } from '../codec/refusal.ts'
import { overloaded, Problem } from '../http/problem.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'
import { quoted } from '../shown-text.ts'
import type { InsertResult } from '../store/document-store.ts'
import { DuplicateValue, StoreError } from '../store/store-error.ts'

// Seconds. A database that restarts or elects may take longer: then the client learns that.
export const retryAfter: AnswerHeaders = { 'Retry-After': '2' }

/** The Problem for a Refusal; any other error stays what it is. */
export const textProblem = (error: unknown): unknown =>
  error instanceof Refusal ? new Problem(error.code, error.message, error.details) : error

/** Runs a call of the parser; what it throws is thrown as a Problem. */
export const orTextProblem = <T>(call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    throw textProblem(error)
  })

/** The same for a synchronous call. */
export function tryText<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw textProblem(error)
  }
}

/** The Problem for a StoreError; any other error stays what it is. */
export function storeProblem(error: unknown): unknown {
  if (error instanceof DuplicateValue) return duplicateValue(error.path)
  if (!(error instanceof StoreError)) return error
  switch (error.fault) {
    case 'unavailable':
      return new Problem('store_unavailable', error.message, {}, retryAfter, error.cause)
    case 'overloaded':
      return overloaded(error.message, error.cause)
    case 'full':
      return new Problem('store_full', error.message, {}, {}, error.cause)
    case 'refused':
      return new Problem('refused_by_store', error.message, {}, {}, error.cause)
    case 'failed':
      return error
  }
}

/** The answer if nothing has the _id. */
export const absentDocument = (id: string): Problem =>
  new Problem('not_found', `There is no document with the _id ${quoted(id)}.`)

/** Runs a call of the store; what it throws is thrown as a Problem. */
export const orStoreProblem = <T>(call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    throw storeProblem(error)
  })

/** Why the document with this id was not inserted: a Problem, or our own fault as it is. */
export function insertProblem(id: string, result: InsertResult & { ok: false }): unknown {
  switch (result.reason) {
    case 'duplicate':
      return new Problem('duplicate_id', `A document with the _id ${quoted(id)} exists.`)
    case 'duplicate value':
      return duplicateValue(result.path)
    case 'refused':
      return new Problem('refused_by_store', result.detail)
    case 'failed':
      return storeProblem(result.error)
  }
}

function duplicateValue(path: readonly string[]): Problem {
  const pointer = abbreviatePointer(path)
  return new Problem('duplicate_value', `Another document has the same value at ${pointer}.`, {
    pointer,
  })
}
