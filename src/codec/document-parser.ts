// The documents of a JSON text as BSON, and nothing accepted that would not come back equal.
import { nextPiece } from '../fair-turns.ts'
import { quoted } from '../quoted.ts'
import type { Reserve } from './bson-writer.ts'
import { type DocumentId, foreignId, newObjectId } from './document-id.ts'
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
import { checkUtf8, isShortUtf8 } from './valid-utf8.ts'
import { endOfInput, maxDocumentBytes, tooLargeText, ValueParser } from './value-parser.ts'

// An answer has an _id for each item of an array, and a request no more than MongoDB takes in a command.
const maxItems = 100_000
// What an item of an array costs in time beside its bytes, as if it were this many bytes more.
const itemWork = 128
// A piece of the parser's work: it never gives way within it.
const shortText = 32 * 1024
// A larger document keeps the memory that it was written to, and is not copied.
const copiedBytes = 64 * 1024

export interface ParsedDocument extends EncodedDocument {
  /** Whether the text had no _id, so that it was given one. */
  readonly assigned: boolean
}

/** Gives an _id to a document without one. `index` is its place in the request, from 0. */
export type NewId = (index: number) => DocumentId

/** What came of an item or a line; only the code of a fault that no answer will show. */
export type ParsedItem = ParsedDocument | Refusal | RefusalCode

/** The body of a POST: one document, or each item of an array. */
export type ParsedBody =
  | { readonly kind: 'one'; readonly document: ParsedDocument }
  | { readonly kind: 'many'; readonly items: ParsedItem[] }

export interface BodyOptions {
  readonly newId?: NewId
  /** How many faulty items get a Refusal each, and not its code alone: all unless it is given. */
  readonly shown?: number
  /** Told of memory that is taken beside the text. It may throw. */
  readonly reserve?: Reserve
}

export interface LineOptions {
  readonly newId: NewId
  /** Whether an answer has room for what is wrong with this line. */
  readonly isShown: boolean
  readonly reserve?: Reserve
}

const uncounted = () => {}
const nothingInserted = 'Nothing was inserted.'
const arrayHints: Hints = { always: nothingInserted }
const bodyHints: Hints = {
  second: 'Many documents go in as an array or, one per line, as application/x-ndjson.',
}
const lineHints: Hints = {
  second: 'A line has one document. curl -d takes out the newlines; --data-binary keeps them.',
  early: 'A line has one whole document; jq -c . puts one on a line.',
}

/**
 * A strict JSON parser (RFC 8259) that writes BSON. JSON.parse would lose what it must keep: the
 * order of keys such as "3", 64-bit integers, the places of faults. A Refusal names the place: line
 * and column where the text is not JSON, a JSON Pointer into the document elsewhere. Parsing a long
 * text gives way to everything else, and any number of them are parsed at once.
 */
export class DocumentParser {
  // A short text is parsed within its turn and leaves the parser to the next; long ones have one each.
  #idle: ValueParser | undefined = new ValueParser()

  /**
   * Parses one object, to be stored at `id`. At one that only another program gives, the text may have the
   * _id as it is shown.
   * @throws Refusal
   */
  parseDocument(text: Uint8Array, id: DocumentId, reserve?: Reserve): Promise<ParsedDocument> {
    return this.#using(text, 1, reserve, async (values) => {
      values.takesAnyId = foreignId(id) !== undefined
      return documentIn(await wholeText(values, { ...alone, addressed: id }))
    })
  }

  /**
   * Parses an object or an array of objects, of which each has its own result.
   * @throws Refusal for a text that is not JSON, or for one object that cannot be kept
   */
  parseBody(
    text: Uint8Array,
    { newId = newObjectId, shown = Number.POSITIVE_INFINITY, reserve }: BodyOptions = {},
  ): Promise<ParsedBody> {
    const document = this.#parseShort(text, newId)
    if (document) return Promise.resolve({ kind: 'one', document })
    return this.#using(text, 1, reserve, async (values): Promise<ParsedBody> => {
      if ((values.next() ?? (await next(values))) === 0x5b) {
        return { kind: 'many', items: await itemsOf(values, newId, shown) }
      }
      return { kind: 'one', document: documentIn(await wholeText(values, { ...alone, newId })) }
    })
  }

  // The document of a short text that has no fault: nearly every one, in a tenth less of a POST's time than
  // the way that may give way and knows the place of a fault.
  #parseShort(text: Uint8Array, newId: NewId): ParsedDocument | undefined {
    const source = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
    const values = this.#idle
    if (source.length > shortText || !values || !isShortUtf8(source)) return undefined
    values.open(source, uncounted)
    try {
      if (values.next() !== 0x7b) return undefined
      values.begin()
      if (values.run() !== 'done' || values.next() !== endOfInput) return undefined
      const item = documentOf(values, { ...alone, newId })
      return isDocument(item) ? item : undefined
    } finally {
      values.close()
    }
  }

  /**
   * Parses an object or an array that is not a document; undefined if the text has another value. `bytes` is the
   * BSON of it.
   * @throws Refusal
   */
  parseValue(
    text: Uint8Array,
    reserve?: Reserve,
  ): Promise<{ readonly isArray: boolean; readonly bytes: Buffer } | undefined> {
    return this.#using(text, 1, reserve, async (values) => {
      const first = values.next() ?? (await next(values))
      const isContainer = first === 0x7b || first === 0x5b
      values.isPlain = true
      values.begin()
      if (!isContainer) values.skip()
      const fault = await readValue(values, alone)
      if (!isSyntaxFault(values) && (values.next() ?? (await next(values))) !== endOfInput) {
        throw asRefusal(await syntaxFault(values, alone))
      }
      if (fault !== undefined) throw asRefusal(fault)
      if (!isContainer) return undefined
      const { out } = values
      return { isArray: first === 0x5b, bytes: Buffer.from(out.bytes.subarray(idRoom - 4, out.at)) }
    })
  }

  /** Parses one object that is line `number`, from 1, of a body of lines. */
  async parseLine(text: Uint8Array, number: number, options: LineOptions): Promise<ParsedItem> {
    try {
      const context = {
        index: number - 1,
        firstLine: number,
        isOneOfMany: true,
        hints: lineHints,
        ...options,
      }
      return await this.#using(text, number, options.reserve, (values) =>
        wholeText(values, context),
      )
    } catch (error) {
      if (error instanceof Refusal && error.code === 'invalid_utf8') return error
      throw error
    }
  }

  async #using<T>(
    text: Uint8Array,
    firstLine: number,
    reserve: Reserve = uncounted,
    parse: (values: ValueParser) => Promise<T>,
  ): Promise<T> {
    const source = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
    if (!isShortUtf8(source)) await checkUtf8(source, firstLine)
    const values = this.#idle ?? new ValueParser()
    this.#idle = undefined
    try {
      values.open(source, reserve)
      return await parse(values)
    } finally {
      values.close()
      this.#idle = values
    }
  }
}

interface DocumentContext {
  /** The document's place in the request, from 0, and the line that its text begins with. */
  readonly index: number
  readonly firstLine: number
  readonly newId: NewId
  readonly addressed?: DocumentId
  readonly isShown: boolean
  /** Whether others wait with it: then also a small one counts. */
  readonly isOneOfMany?: boolean
  readonly hints?: Hints
}

const alone: DocumentContext = {
  index: 0,
  firstLine: 1,
  newId: newObjectId,
  isShown: true,
  hints: bodyHints,
}

async function next(values: ValueParser): Promise<number> {
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

/** The only document of a text. */
async function wholeText(values: ValueParser, context: DocumentContext): Promise<ParsedItem> {
  const first = values.next() ?? (await next(values))
  const parsed = await valueAt(values, first, context)
  if (isSyntaxFault(values)) return parsed
  const following = values.next() ?? (await next(values))
  if (following === endOfInput) return parsed
  return syntaxFault(values, context)
}

/**
 * The documents of an array, whose bracket is next.
 * @throws Refusal `invalid_json`; `body_too_large` for too many
 */
async function itemsOf(values: ValueParser, newId: NewId, shown: number): Promise<ParsedItem[]> {
  const items: ParsedItem[] = []
  let failed = 0
  const syntax = () => syntaxFault(values, { ...alone, hints: arrayHints })
  values.at++
  let byte = values.next() ?? (await next(values))
  while (byte !== 0x5d) {
    if (items.length === maxItems) throw tooManyItems()
    const isShown = failed < shown
    const context = { index: items.length, firstLine: 1, newId, isShown, isOneOfMany: true }
    const item = await valueAt(values, byte, context)
    if (isSyntaxFault(values)) throw await syntax()
    if (!isDocument(item)) failed++
    items.push(item)
    values.spend(itemWork)
    byte = values.next() ?? (await next(values))
    if (byte === 0x5d) break
    if (byte !== 0x2c) throw await syntax()
    values.at++
    byte = values.next() ?? (await next(values))
    if (byte === 0x5d) throw await syntax()
  }
  values.at++
  if ((values.next() ?? (await next(values))) !== endOfInput) throw await syntax()
  return items
}

const tooManyItems = () =>
  new Refusal(
    'body_too_large',
    `An array may have ${maxItems} documents; more go in as application/x-ndjson. ${nothingInserted}`,
  )

async function valueAt(
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
  return fault ?? documentOf(values, context)
}

// What is wrong with the value. It is read to its end also after a fault: what is not JSON is that first of all.
async function readValue(
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
    fault = context.isShown ? faultProblem(values) : (values.fault?.code ?? 'internal')
    values.skip()
  }
  return fault
}

function notAnObject(source: Buffer, at: number, first: number): Refusal {
  const isTwice = /^"\s*\{\s*\\"/.test(source.toString('latin1', at, at + 20))
  const hint = isTwice
    ? 'this is the JSON of one as a text. Make JSON of it once, and not twice.'
    : `this is ${first === 0x22 ? 'a text' : first === 0x5b ? 'an array' : 'a single value'}.`
  const detail = `A document is a JSON object, {"name": "value"}; ${hint}`
  return new Refusal('not_an_object', detail, { pointer: '' })
}

const isSyntaxFault = ({ fault }: ValueParser) => fault?.code === 'invalid_json'

function syntaxFault(
  { source, at }: ValueParser,
  { firstLine, isShown, hints }: DocumentContext,
): Promise<Refusal> | RefusalCode {
  if (!isShown) return 'invalid_json'
  return syntaxRefusal(source, at, firstLine, hints)
}

function faultProblem(values: ValueParser): Refusal {
  const { code, why } = values.fault ?? { code: 'internal', why: '' }
  return refusal(code, why, code === 'document_too_large' ? '' : values.pointer())
}

function refusal(code: RefusalCode, why: string, pointer: string): Refusal {
  return new Refusal(code, pointer === '' ? why : `At ${pointer}: ${why}`, { pointer })
}

function documentOf(
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
  // Also what has much more room than it needs is copied, so that the room can be used again.
  const isCopied = length <= copiedBytes || length * 2 < out.room
  if (isOneOfMany) values.reserve(bytesOfDocument + (isCopied ? length : 0))
  else if (isCopied && length > copiedBytes) values.reserve(length)
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

function documentIn(item: ParsedItem): ParsedDocument {
  if (isDocument(item)) return item
  throw asRefusal(item)
}

const asRefusal = (fault: Refusal | RefusalCode): Refusal =>
  fault instanceof Refusal ? fault : new Refusal(fault, '')
