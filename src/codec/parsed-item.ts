// One document of a text with its _id, or what is wrong with it.
import { nextPiece } from '../fair-turns.ts'
import { quoted } from '../shown-text.ts'
import { type DocumentId, newObjectId } from './document-id.ts'
import {
  bytesOfDocument,
  type EncodedDocument,
  idRoom,
  prependId,
  withId,
} from './encoded-document.ts'
import { compactJson } from './extended-id.ts'
import { JsonWriter } from './json-writer.ts'
import { Refusal, type RefusalCode } from './refusal.ts'
import { type Hints, syntaxRefusal } from './syntax-refusal.ts'
import { endOfInput, maxDocumentBytes, tooLargeText, type ValueParser } from './value-parser.ts'

// A larger document keeps the memory that it was written to, and is not copied.
const copiedBytes = 64 * 1024

export interface ParsedDocument extends EncodedDocument {
  /** Whether the text had no _id, so that it was given one. */
  readonly assigned: boolean
}

/** Gives an _id to a document without one. `index` is its place in the request, from 0. */
export type NewId = (index: number) => DocumentId

/** What came of an item or a line; of a fault that no answer will show only the code. */
export type ParsedItem = ParsedDocument | Refusal | RefusalCode

const bodyHints: Hints = {
  second: 'Many documents go in as an array or, one per line, as application/x-ndjson.',
}

interface DocumentContext {
  /** The document's place in the request, from 0, and the line that its text begins with. */
  readonly index: number
  readonly firstLine: number
  readonly newId: NewId
  readonly addressed?: DocumentId
  readonly isShown: boolean
  /** Whether others wait with it: then even a small one counts. */
  readonly isOneOfMany?: boolean
  readonly hints?: Hints
}

export const singleDocument: DocumentContext = {
  index: 0,
  firstLine: 1,
  newId: newObjectId,
  isShown: true,
  hints: bodyHints,
}

/** The next byte after others had their turn: for when `values.next()` has none in its piece. */
export async function nextByte(values: ValueParser): Promise<number> {
  for (;;) {
    await giveWay(values)
    const byte = values.next()
    if (byte !== undefined) return byte
  }
}

async function giveWay(values: ValueParser): Promise<void> {
  await nextPiece()
  values.nextPiece()
}

/** Reads the only document of a text. */
export async function readOnlyItem(
  values: ValueParser,
  context: DocumentContext,
): Promise<ParsedItem> {
  const first = values.next() ?? (await nextByte(values))
  return endText(values, context, await readItem(values, first, context))
}

/** What was found in the text, unless something comes after it. */
export async function endText<T>(
  values: ValueParser,
  context: DocumentContext,
  found: T,
): Promise<T | Refusal | RefusalCode> {
  const isOver = isSyntaxFault(values) || (values.next() ?? (await nextByte(values))) === endOfInput
  return isOver ? found : syntaxFault(values, context)
}

/** Reads the value whose first byte is `first`. */
export async function readItem(
  values: ValueParser,
  first: number,
  context: DocumentContext,
): Promise<ParsedItem> {
  values.begin()
  const { at } = values
  if (first !== 0x7b) values.skip()
  const fault = await readValue(values, context)
  if (isSyntaxFault(values)) return fault ?? 'invalid_json'
  if (first !== 0x7b)
    return context.isShown ? notAnObject(values.source, at, first) : 'not_an_object'
  return fault ?? finishDocument(values, context)
}

/** What is wrong with the value. After a fault it is read on, for what is not JSON is that first of all. */
export async function readValue(
  values: ValueParser,
  context: DocumentContext,
): Promise<Refusal | RefusalCode | undefined> {
  let fault: Refusal | RefusalCode | undefined
  for (let step = values.run(); step !== 'done'; step = values.run()) {
    if (step === 'more') {
      await giveWay(values)
      continue
    }
    if (isSyntaxFault(values)) return syntaxFault(values, context)
    fault = context.isShown ? faultRefusal(values) : (values.fault?.code ?? 'internal')
    values.skip()
  }
  return fault
}

function notAnObject(source: Buffer, at: number, first: number): Refusal {
  const isTwice = /^"\s*\{\s*\\"/.test(source.toString('latin1', at, at + 20))
  const hint = isTwice
    ? 'this is a text with the JSON of one in it. Serialize it once, not twice.'
    : `this is ${first === 0x22 ? 'a text' : first === 0x5b ? 'an array' : 'a single value'}.`
  const detail = `A document is a JSON object, {"name": "value"}; ${hint}`
  return new Refusal('not_an_object', detail, { pointer: '' })
}

/** Whether the text is not JSON. */
export const isSyntaxFault = ({ fault }: ValueParser) => fault?.code === 'invalid_json'

/** The fault of a text that is not JSON at the present place. */
export function syntaxFault(
  { source, at }: ValueParser,
  { firstLine, isShown, hints }: DocumentContext,
): Promise<Refusal> | RefusalCode {
  if (!isShown) return 'invalid_json'
  return syntaxRefusal(source, at, firstLine, hints)
}

function faultRefusal(values: ValueParser): Refusal {
  const { code, why } = values.fault ?? { code: 'internal', why: '' }
  return refusal(code, why, code === 'document_too_large' ? '' : values.pointer())
}

function refusal(code: RefusalCode, why: string, pointer: string): Refusal {
  return new Refusal(code, pointer === '' ? why : `At ${pointer}: ${why}`, { pointer })
}

/** The document that has been read, at its _id; a Refusal if it cannot be kept. */
export function finishDocument(
  values: ValueParser,
  { index, newId, addressed, isOneOfMany }: DocumentContext,
): ParsedItem {
  const { out, id: given, idJson } = values
  if (addressed !== undefined && idJson !== undefined && !isShown(idJson, addressed)) {
    const why = `The _id in the body is not that of the address: leave it out, or send ${quoted(shownId(addressed))}.`
    return refusal('invalid_id', why, '/_id')
  }
  if (addressed !== undefined && given !== undefined && given !== addressed) {
    const why = `The _id in the body, ${quoted(given)}, is not that of the address.`
    return refusal('invalid_id', why, '/_id')
  }
  const id = given ?? addressed ?? newId(index)
  const end = out.at - 1
  const length = end - idRoom
  // What has much more room than it needs is copied too, so that the room can be used again.
  const isCopied = length <= copiedBytes || length * 2 < out.room
  if (isOneOfMany) out.reserve(bytesOfDocument + (isCopied ? length : 0))
  else if (isCopied && length > copiedBytes) out.reserve(length)
  const bson = isCopied
    ? withId(id, out.bytes.subarray(idRoom, end))
    : prependId(id, out.bytes, end)
  if (!isCopied) out.renew()
  if (bson.length > maxDocumentBytes) return refusal('document_too_large', tooLargeText, '')
  return { id, bson, assigned: given === undefined }
}

function isShown(json: string, id: DocumentId): boolean {
  const compact = compactJson(json)
  return compact === shownId(id) || compact === 'null'
}

// The JSON of the _id as GET writes it.
function shownId(id: DocumentId): string {
  const writer = new JsonWriter(1024)
  writer.document(withId(id, nothing))
  return writer.bytes.toString('utf8', '{"_id":'.length, writer.length - 1)
}

const nothing = Buffer.alloc(0)

/** Whether the item is a document, and not what is wrong with it. */
export const isDocument = (item: ParsedItem): item is ParsedDocument =>
  typeof item !== 'string' && !(item instanceof Refusal)

/** @throws Refusal if it is not a document */
export function expectDocument(item: ParsedItem): ParsedDocument {
  if (isDocument(item)) return item
  throw asRefusal(item)
}

/** The Refusal, made of the code if that is all there is. */
export const asRefusal = (fault: Refusal | RefusalCode): Refusal =>
  fault instanceof Refusal ? fault : new Refusal(fault, '')
