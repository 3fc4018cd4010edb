// JSON text to BSON in one pass, and nothing accepted that would not come back equal.
import { isUtf8 } from 'node:buffer'
import { Problem, type ProblemCode } from '../http/problem.ts'
import { type DocumentId, idOfNew, invalidId, newObjectId } from '../store/document-id.ts'
import type { EncodedDocument } from '../store/document-store.ts'
import { compactJson } from '../store/extended-id.ts'
import { BsonWriter, bsonType, WriterFull } from './bson-writer.ts'
import { copyNumber } from './json-number.ts'
import { jsonPointer, stringAt, syntaxProblem } from './json-source.ts'
import { copyString } from './json-string.ts'
import { KeySet } from './key-set.ts'
import { withId } from './with-id.ts'

// The bytes below: { 0x7b, } 0x7d, [ 0x5b, ] 0x5d, " 0x22, : 0x3a, comma 0x2c; t 0x74, f 0x66, n 0x6e.

// MongoDB's own limits: documents nest 100 levels deep and have 16 MiB.
const maxDepth = 100
const maxDocumentBytes = 16 * 1024 * 1024
// Also MongoDB's: the documents of one command. Each costs about 350 bytes of heap beside its own,
// so 30 MiB of `{"a":1}` ended the process before there was a limit.
const maxDocuments = 100_000

const nothing = Buffer.alloc(0)

export interface ParsedDocument extends EncodedDocument {
  /** Whether the text had no _id, so that it was given one. */
  readonly assigned: boolean
}

/** Gives an _id to a document without one. `index` is its place in the request, from 0. */
export type NewId = (index: number) => DocumentId

/** The body of a POST: one document, or many of which some may be no objects. */
export type ParsedBody =
  | { readonly kind: 'one'; readonly document: ParsedDocument }
  | {
      readonly kind: 'many'
      readonly documents: ParsedDocument[]
      /** The indexes of the items that are no objects. */
      readonly notObjects: number[]
    }

/**
 * A strict JSON parser (RFC 8259) that writes BSON. JSON.parse would lose what it must keep: the
 * order of keys such as "3", 64-bit integers, the places of faults. Every method throws a Problem
 * that names the place, by line and column where the text is no JSON, by JSON Pointer elsewhere.
 * One instance serves one text after the other.
 */
export class DocumentParser {
  // One number in an array has 2 bytes as JSON and up to 16 as BSON: stop before that is in memory.
  readonly #out = new BsonWriter(maxDocumentBytes)
  readonly #keys = new KeySet()
  // The path to the present value, a number a level: the offset of the key in the source, or -1
  // minus the index. Only a message decodes it.
  readonly #path: number[] = []
  #bytes: Buffer = nothing
  #at = 0
  #end = 0
  #firstLine = 1
  #depth = 0
  #depthLimit = maxDepth
  #rootDepth = 0
  #id: DocumentId | undefined
  #newId: NewId = newObjectId
  #foreign: { readonly id: DocumentId; readonly shown: string } | undefined
  #inForeignId = false

  /**
   * Parses one object, to be stored at `id`. `shownId`: the JSON of an _id that only another program
   * gives; the text may have it, and the result has none of its own.
   */
  parseDocument(text: Uint8Array, id: DocumentId, shownId?: string): ParsedDocument {
    this.#foreign = shownId === undefined ? undefined : { id, shown: shownId }
    return this.#single(text, 1, newObjectId, id)
  }

  /** Parses one object that is line `number`, from 1, of a body of lines. */
  parseLine(text: Uint8Array, number: number, newId: NewId = newObjectId): ParsedDocument {
    return this.#single(text, number, newId)
  }

  #single(text: Uint8Array, firstLine: number, newId: NewId, id?: DocumentId): ParsedDocument {
    try {
      this.#open(text, newId, firstLine)
      if (this.#peek() !== 0x7b) this.#notAnObject()
      const document = this.#document(firstLine - 1, id)
      this.#expectEnd()
      return document
    } finally {
      this.#close()
    }
  }

  /** Parses an object or an array of objects. */
  parseBody(text: Uint8Array, newId: NewId = newObjectId): ParsedBody {
    try {
      this.#open(text, newId)
      const first = this.#peek()
      if (first === 0x7b) {
        const document = this.#document(0)
        this.#expectEnd()
        return { kind: 'one', document }
      }
      if (first !== 0x5b) this.#notAnObject()
      return this.#documents()
    } finally {
      this.#close()
    }
  }

  #open(text: Uint8Array, newId: NewId, firstLine = 1): void {
    if (!isUtf8(text)) throw new Problem('invalid_utf8', 'JSON is UTF-8 (RFC 8259, section 8.1).')
    this.#bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
    this.#end = text.byteLength
    // A byte order mark is no JSON, but some editors and PowerShell write one.
    const mark = text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf
    this.#at = mark ? 3 : 0
    this.#firstLine = firstLine
    this.#newId = newId
    this.#depth = 0
    this.#depthLimit = maxDepth
  }

  // A parser lives as long as the service, and must not keep a body that long.
  #close(): void {
    this.#bytes = nothing
    this.#newId = newObjectId
    this.#foreign = undefined
    this.#inForeignId = false
    this.#keys.clear()
    this.#out.reset()
  }

  #documents(): ParsedBody {
    const documents: ParsedDocument[] = []
    const notObjects: number[] = []
    this.#at++
    // The array around the documents is a step of the path, but no level of theirs.
    this.#depth = 1
    this.#depthLimit = maxDepth + 1
    for (let index = 0; this.#more(index, 0x5d); index++) {
      this.#path[0] = -1 - index
      if (index === maxDocuments) {
        const detail = `An array may have ${maxDocuments} documents; more go in as application/x-ndjson.`
        throw new Problem('body_too_large', detail)
      }
      if (this.#peek() === 0x7b) {
        documents.push(this.#document(index))
      } else {
        notObjects.push(index)
        this.#skipValue()
      }
    }
    this.#expectEnd()
    return { kind: 'many', documents, notObjects }
  }

  #document(index: number, addressed?: DocumentId): ParsedDocument {
    const out = this.#out
    const given = this.#elements()
    if (addressed !== undefined && given !== undefined && given !== addressed) {
      const detail = `The _id in the body, ${JSON.stringify(given)}, is not that of the address.`
      throw this.#refusal('invalid_id', detail, '_id')
    }
    const id = given ?? addressed ?? this.#newId(index)
    const bson = withId(id, out.bytes.subarray(4, out.at - 1))
    if (bson.length > maxDocumentBytes) {
      throw this.#tooLarge()
    }
    return { id, bson, assigned: given === undefined }
  }

  // Writes the object and returns the _id that it brings.
  #elements(): DocumentId | undefined {
    this.#out.at = 0
    this.#rootDepth = this.#depth
    this.#id = undefined
    this.#bounded(() => this.#object())
    return this.#id
  }

  // Reads over a value that is no document. It must be well formed all the same.
  #skipValue(): void {
    this.#out.at = 1
    this.#rootDepth = -1
    this.#bounded(() => this.#value(0))
  }

  #bounded(write: () => void): void {
    const depth = this.#depth
    try {
      write()
    } catch (error) {
      if (!(error instanceof WriterFull)) throw error
      this.#depth = depth
      throw this.#tooLarge()
    }
  }

  #object(): void {
    const out = this.#out
    const isRoot = this.#depth === this.#rootDepth
    const start = this.#enter()
    const keys = this.#keys.open()
    for (let count = 0; this.#more(count, 0x7d); count++) {
      this.#path[this.#depth - 1] = this.#at
      const typeAt = out.at
      out.byte(0)
      const isId = this.#key(keys, isRoot)
      if (this.#peek() !== 0x3a) this.#syntax()
      this.#at++
      this.#peek()
      if (isId) this.#documentId(typeAt)
      else this.#value(typeAt)
    }
    this.#keys.close(keys)
    this.#leave(start)
  }

  #array(): void {
    const out = this.#out
    const start = this.#enter()
    for (let index = 0; this.#more(index, 0x5d); index++) {
      this.#path[this.#depth - 1] = -1 - index
      const typeAt = out.at
      out.byte(0)
      out.index(index)
      this.#value(typeAt)
    }
    this.#leave(start)
  }

  #enter(): number {
    if (this.#depth === this.#depthLimit) {
      throw this.#refusal('too_deep', `A document may nest ${maxDepth} levels deep.`)
    }
    this.#at++
    this.#depth++
    return this.#out.open()
  }

  #leave(start: number): void {
    this.#out.close(start)
    this.#depth--
  }

  // Steps over what stands before the next item: nothing before the first, a comma elsewhere.
  // False where the closing bracket comes instead.
  #more(count: number, closing: number): boolean {
    const byte = this.#peek()
    if (byte === closing) {
      this.#at++
      return false
    }
    if (count > 0) {
      if (byte !== 0x2c) this.#syntax()
      this.#at++
      this.#peek()
    }
    return true
  }

  // Copies the key and its end. True where it is the document's own _id.
  #key(keys: number, isRoot: boolean): boolean {
    const out = this.#out
    if (this.#bytes[this.#at] !== 0x22 || this.#at >= this.#end) this.#syntax()
    const start = out.at
    this.#string()
    const end = out.at
    if (end > start && out.bytes[start] === 0x24 && !this.#inForeignId) {
      throw this.#refusal('key_not_allowed', 'A key must not begin with $.')
    }
    if (out.has(0, start, end)) {
      throw this.#refusal('key_not_allowed', 'A key must not hold a NUL.')
    }
    const isId = isRoot && end - start === 3 && out.bytes.toString('latin1', start, end) === '_id'
    // The _id leaves the writer's bytes again, so the set of keys cannot hold it.
    const isNew = isId ? this.#id === undefined : this.#keys.add(keys, out, start, end)
    if (!isNew) {
      throw this.#refusal('duplicate_key', 'Which of the two values is meant cannot be known.')
    }
    out.byte(0)
    return isId
  }

  // Takes the _id out of the elements, since it goes first.
  #documentId(typeAt: number): void {
    const out = this.#out
    if (this.#foreign) {
      this.#expectShown(typeAt, this.#foreign.shown)
      this.#id = this.#foreign.id
      out.at = typeAt
      return
    }
    if (this.#bytes[this.#at] !== 0x22) {
      this.#value(typeAt)
      throw this.#refusal('invalid_id', 'An _id must be a string.')
    }
    const start = out.at
    this.#string()
    const id = out.bytes.toString('utf8', start, out.at)
    const fault = invalidId(id)
    if (fault !== undefined) throw this.#refusal('invalid_id', fault)
    this.#id = idOfNew(id)
    out.at = typeAt
  }

  #expectShown(typeAt: number, shown: string): void {
    const start = this.#at
    this.#inForeignId = true
    this.#value(typeAt)
    this.#inForeignId = false
    const json = compactJson(this.#bytes.toString('utf8', start, this.#at))
    if (json === shown || json === 'null') return
    const detail = `The _id in the body is not that of the address; leave it out, or send ${shown}.`
    throw this.#refusal('invalid_id', detail)
  }

  #value(typeAt: number): void {
    const out = this.#out
    const { bytes } = out
    switch (this.#peek()) {
      case 0x7b:
        bytes[typeAt] = bsonType.object
        this.#object()
        return
      case 0x5b:
        bytes[typeAt] = bsonType.array
        this.#array()
        return
      case 0x22: {
        bytes[typeAt] = bsonType.string
        const start = out.at
        out.int32(0)
        this.#string()
        out.byte(0)
        out.bytes.writeInt32LE(out.at - start - 4, start)
        return
      }
      case 0x74:
        bytes[typeAt] = bsonType.boolean
        this.#literal('true')
        out.byte(1)
        return
      case 0x66:
        bytes[typeAt] = bsonType.boolean
        this.#literal('false')
        out.byte(0)
        return
      case 0x6e:
        bytes[typeAt] = bsonType.null
        this.#literal('null')
        return
      default:
        this.#number(typeAt)
    }
  }

  #literal(word: string): void {
    for (let index = 0; index < word.length; index++, this.#at++) {
      if (this.#at >= this.#end || this.#bytes[this.#at] !== word.charCodeAt(index)) this.#syntax()
    }
  }

  #string(): void {
    const next = copyString(this.#bytes, this.#at, this.#end, this.#out)
    if (typeof next === 'number') {
      this.#at = next
      return
    }
    if (next.kind === 'lone surrogate') {
      throw this.#refusal('lone_surrogate', 'No UTF-8 text can hold half of a surrogate pair.')
    }
    this.#at = next.offset
    this.#syntax()
  }

  #number(typeAt: number): void {
    const next = copyNumber(this.#bytes, this.#at, this.#end, this.#out, typeAt)
    if (typeof next === 'number') {
      this.#at = next
      return
    }
    if (next.kind === 'not exact') {
      const shown = next.text.length > 40 ? `${next.text.slice(0, 40)}...` : next.text
      const detail = `${shown} fits neither a double nor a 64-bit integer without a change.`
      throw this.#refusal('number_not_exact', detail)
    }
    this.#at = next.offset
    this.#syntax()
  }

  // Steps over white space. The next byte, or -1 at the end.
  #peek(): number {
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#bytes[this.#at] ?? 0
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
    }
    return -1
  }

  #expectEnd(): void {
    if (this.#peek() !== -1) this.#syntax()
  }

  // A body that is one value, but no object: refused as JSON first, where it is none.
  #notAnObject(): never {
    this.#skipValue()
    this.#expectEnd()
    throw this.#refusal('not_an_object', 'Send an object, or an array of objects.')
  }

  #tooLarge(): Problem {
    const detail = `A document may have ${maxDocumentBytes} bytes as BSON.`
    return this.#refusal('document_too_large', detail)
  }

  #syntax(): never {
    throw syntaxProblem(this.#bytes, this.#at, this.#end, this.#firstLine)
  }

  #refusal(code: ProblemCode, why: string, key?: string): Problem {
    const steps: (string | number)[] = this.#path
      .slice(0, this.#depth)
      .map((step) => (step < 0 ? -1 - step : stringAt(this.#bytes, step)))
    const pointer = jsonPointer(key === undefined ? steps : [...steps, key])
    const place = pointer === '' ? '' : `At ${pointer}: `
    return new Problem(code, `${place}${why}`, { pointer })
  }
}
