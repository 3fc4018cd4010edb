// The documents of a JSON text as BSON. What would not come back equal is not accepted.
import { bufferOf } from './bson-type.ts'
import type { Reserve } from './bson-writer.ts'
import { type DocumentId, foreignId, newObjectId } from './document-id.ts'
import { idRoom } from './encoded-document.ts'
import {
  asRefusal,
  endText,
  expectDocument,
  finishDocument,
  isDocument,
  isSyntaxFault,
  type NewId,
  nextByte,
  type ParsedDocument,
  type ParsedItem,
  readItem,
  readOnlyItem,
  readValue,
  singleDocument,
  syntaxFault,
} from './parsed-item.ts'
import { Refusal } from './refusal.ts'
import type { Hints } from './syntax-refusal.ts'
import { checkUtf8, isShortUtf8 } from './valid-utf8.ts'
import { endOfInput, ValueParser } from './value-parser.ts'

// An answer has an _id for each; and it is what MongoDB takes in a command.
const maxItems = 100_000
// An item of an array costs as much time as this many bytes more.
const itemWork = 128
// A piece of the parser's work: it never gives way within it.
const shortText = 32 * 1024

type ParsedBody =
  | { readonly kind: 'one'; readonly document: ParsedDocument }
  | { readonly kind: 'many'; readonly items: ParsedItem[] }

interface BodyOptions {
  readonly newId?: NewId
  /** How many faulty items get a Refusal each, and not only its code; all if left out. */
  readonly shown?: number
  /** Told of memory that is taken beside the text. It may throw. */
  readonly reserve?: Reserve
}

interface LineOptions {
  readonly newId: NewId
  /** Whether an answer has room for what is wrong with this line. */
  readonly isShown: boolean
  readonly reserve?: Reserve
}

const uncounted = () => {}
const nothingInserted = 'Nothing was inserted.'
const arrayHints: Hints = { always: nothingInserted }
const lineHints: Hints = {
  second: 'A line has one document. curl -d takes out the newlines; --data-binary keeps them.',
  early: 'A line has one whole document; jq -c . puts one on a line.',
}

/**
 * Parses documents. JSON.parse would lose the order of keys such as "3", 64-bit integers and the places of faults.
 * A Refusal names the place: line and column where the text is not JSON, a JSON Pointer elsewhere. Parsing a long
 * text gives way to everything else, and any number of them are parsed at once.
 */
export class DocumentParser {
  // A short text is parsed within its turn and leaves the parser to the next; long ones have one each.
  #idle: ValueParser | undefined = new ValueParser()

  /**
   * Parses one object, to be stored at `id`. If only another program could have given it, the text may have the _id
   * as GET shows it.
   * @throws Refusal
   */
  parseDocument(text: Uint8Array, id: DocumentId, reserve?: Reserve): Promise<ParsedDocument> {
    return this.#using(text, 1, reserve, async (values) => {
      values.takesAnyId = foreignId(id) !== undefined
      return expectDocument(await readOnlyItem(values, { ...singleDocument, addressed: id }))
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
      if ((values.next() ?? (await nextByte(values))) === 0x5b) {
        return { kind: 'many', items: await itemsOf(values, newId, shown) }
      }
      const item = await readOnlyItem(values, { ...singleDocument, newId })
      return { kind: 'one', document: expectDocument(item) }
    })
  }

  // The document of a short text without a fault: a tenth of a POST's time less than the path that can give way.
  #parseShort(text: Uint8Array, newId: NewId): ParsedDocument | undefined {
    const source = bufferOf(text)
    const values = this.#idle
    if (source.length > shortText || !values || !isShortUtf8(source)) return undefined
    values.open(source, uncounted)
    try {
      if (values.next() !== 0x7b) return undefined
      values.begin()
      if (values.run() !== 'done' || values.next() !== endOfInput) return undefined
      const item = finishDocument(values, { ...singleDocument, newId })
      return isDocument(item) ? item : undefined
    } finally {
      values.close()
    }
  }

  /**
   * The BSON of an object or an array that is not a document; undefined if the text has another value.
   * @throws Refusal
   */
  parseValue(
    text: Uint8Array,
    reserve?: Reserve,
  ): Promise<{ readonly isArray: boolean; readonly bytes: Buffer } | undefined> {
    return this.#using(text, 1, reserve, async (values) => {
      const first = values.next() ?? (await nextByte(values))
      const isContainer = first === 0x7b || first === 0x5b
      values.isPlain = true
      values.begin()
      if (!isContainer) values.skip()
      const found = await readValue(values, singleDocument)
      const fault = await endText(values, singleDocument, found)
      if (fault !== undefined) throw asRefusal(fault)
      if (!isContainer) return undefined
      const { out } = values
      return { isArray: first === 0x5b, bytes: Buffer.from(out.bytes.subarray(idRoom - 4, out.at)) }
    })
  }

  /** Parses one object that is line `number`, from 1, of a body of lines. */
  async parseLine(text: Uint8Array, number: number, options: LineOptions): Promise<ParsedItem> {
    try {
      const context = { index: number - 1, firstLine: number, isOneOfMany: true, hints: lineHints }
      return await this.#using(text, number, options.reserve, (values) =>
        readOnlyItem(values, { ...context, ...options }),
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
    const source = bufferOf(text)
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

/**
 * The documents of an array, whose bracket is next.
 * @throws Refusal `invalid_json`; `body_too_large` for too many
 */
async function itemsOf(values: ValueParser, newId: NewId, shown: number): Promise<ParsedItem[]> {
  const items: ParsedItem[] = []
  let failed = 0
  const syntax = () => syntaxFault(values, { ...singleDocument, hints: arrayHints })
  values.at++
  let byte = values.next() ?? (await nextByte(values))
  while (byte !== 0x5d) {
    if (items.length === maxItems) {
      const why = `An array may have ${maxItems} documents; more go in as application/x-ndjson. ${nothingInserted}`
      throw new Refusal('body_too_large', why)
    }
    const isShown = failed < shown
    const context = { index: items.length, firstLine: 1, newId, isShown, isOneOfMany: true }
    const item = await readItem(values, byte, context)
    if (isSyntaxFault(values)) throw await syntax()
    if (!isDocument(item)) failed++
    items.push(item)
    values.spend(itemWork)
    byte = values.next() ?? (await nextByte(values))
    if (byte === 0x5d) break
    if (byte !== 0x2c) throw await syntax()
    values.at++
    byte = values.next() ?? (await nextByte(values))
    if (byte === 0x5d) throw await syntax()
  }
  values.at++
  if ((values.next() ?? (await nextByte(values))) !== endOfInput) throw await syntax()
  return items
}
