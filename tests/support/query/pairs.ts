// Pairs of a document and a query by chance: the evaluator and the oracle must say the same of each.
import { idOfText } from '../../../src/codec/document-id.ts'
import { DocumentParser } from '../../../src/codec/document-parser.ts'
import { JsonWriter } from '../../../src/codec/json-writer.ts'
import { Evaluator } from '../../../src/query/evaluator.ts'
import { placeKey } from '../../../src/query/place.ts'
import { parseQueryBody } from '../../../src/query/query-body.ts'
import {
  compareDocuments,
  readDocument,
  type Step,
  satisfies,
  type Value,
  type Where,
} from './oracle.ts'
import { createGenerator, sortJson, toJson } from './random.ts'

const parser = new DocumentParser()

/** The document as BSON. */
export async function encoded(text: string): Promise<Uint8Array> {
  const body = await parser.parseBody(Buffer.from(text))
  if (body.kind === 'one') return body.document.bson
  throw new Error('not one document')
}

/** The document as a store keeps it. */
export async function canonical(text: string): Promise<Buffer> {
  const writer = new JsonWriter()
  writer.document(await encoded(text))
  return Buffer.from(writer.bytes)
}

export interface Disagreement {
  readonly seed: number
  readonly query: string
  readonly documents: readonly string[]
  readonly what: string
}

const documentsAtOnce = 40
const queriesOfThem = 250
export const pairsOfASeed = documentsAtOnce * queriesOfThem

/** The pairs that begin with this seed; the first on which the two do not agree, undefined if they do. */
export async function disagreement(seed: number): Promise<Disagreement | undefined> {
  const generate = createGenerator(seed)
  const texts = Array.from({ length: documentsAtOnce }, generate.document)
  const documents = texts.map(readDocument)
  const stored = await Promise.all(texts.map(canonical))
  for (let count = 0; count < queriesOfThem; count++) {
    const where = generate.where()
    const sort = generate.sort()
    const query = `{"where":${toJson(where)},"sort":${sortJson(sort)}}`
    const found = check(query, where, sort, documents, stored)
    if (found === undefined) continue
    return { seed, query, what: found.what, documents: found.indexes.map((at) => texts[at] ?? '') }
  }
  return undefined
}

function check(
  query: string,
  where: Where,
  sort: readonly Step[],
  documents: readonly Value[],
  stored: readonly Buffer[],
): { what: string; indexes: number[] } | undefined {
  const parsed = parseQueryBody(query)
  const filter = new Evaluator(parsed.filter)
  const both = new Evaluator(parsed.filter, parsed.sort)
  const keys: Buffer[] = []
  for (const [at, document] of documents.entries()) {
    const json = stored[at] ?? Buffer.alloc(0)
    const expected = satisfies(document, where)
    filter.read(json, 0, json.length)
    both.read(json, 0, json.length)
    if (filter.matches !== expected || both.matches !== expected) {
      return { what: `the oracle says ${expected}`, indexes: [at] }
    }
    keys.push(placeKey(parsed.sort, both.sortKey, idOf(document)))
  }
  // In the order of the keys each must come before the next: then all of them are in order.
  const byKey = documents
    .map((document, at) => ({ document, at, key: keys[at] ?? Buffer.alloc(0) }))
    .sort((left, right) => Buffer.compare(left.key, right.key))
  for (const [place, right] of byKey.entries()) {
    const left = byKey[place - 1]
    if (left === undefined || compareDocuments(left.document, right.document, sort) < 0) continue
    return { what: 'the oracle has them the other way round', indexes: [left.at, right.at] }
  }
  return undefined
}

function idOf(document: Value): string {
  const value = document.kind === 'object' ? document.members[0]?.[1] : undefined
  if (value?.kind === 'objectId') return value.hex
  return idOfText(value?.kind === 'text' ? value.value : '')
}
