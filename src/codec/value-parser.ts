// One JSON value to BSON in one pass, in pieces: it can stop after any byte and go on later.
import { bsonType } from './bson-type.ts'
import { BsonWriter, type Reserve } from './bson-writer.ts'
import { type DocumentId, idOfNew, invalidId } from './document-id.ts'
import { idRoom } from './encoded-document.ts'
import { NumberReader } from './json-number.ts'
import { abbreviatePointer, byteOrderMarkLength, keyTextAt } from './json-source.ts'
import { StringTranscoder } from './json-string.ts'
import { KeySet } from './key-set.ts'
import type { RefusalCode } from './refusal.ts'

// The bytes below: { 0x7b, } 0x7d, [ 0x5b, ] 0x5d, " 0x22, : 0x3a, comma 0x2c; t 0x74, f 0x66, n 0x6e.

// MongoDB's own limits: documents nest 100 levels deep and have 16 MiB.
export const maxDepth = 100
export const maxDocumentBytes = 16 * 1024 * 1024

// Source bytes in one turn of the event loop. 1 MiB takes 5 to 60 ms, whatever is in it.
const pieceBytes = 32 * 1024
// At most this many bytes are written for a bracket, number or literal with its key in an array.
const tokenBytes = 64
const firstLevels = 128

const nothing = Buffer.alloc(0)

/** `done`: the value is whole. `more`: it goes on after this piece. */
type Step = 'done' | 'more' | 'fault'
/** Undefined: the piece has more to do. */
type InnerStep = Step | undefined

/** `peek` at the end of the text, and of the piece. */
export const endOfInput = -1
const endOfPiece = -2

type State =
  | 'value'
  | 'first item'
  | 'first member'
  | 'member'
  | 'colon'
  | 'next'
  | 'key text'
  | 'id text'
  | 'text'
  | 'number'

/**
 * A strict JSON parser (RFC 8259) that writes BSON. It has a stack of its own and no recursion, so that no text,
 * whatever its size and depth, holds the event loop for more than a piece.
 */
export class ValueParser {
  source: Buffer = nothing
  at = 0
  // One number in an array has 2 bytes as JSON and up to 16 as BSON: stop before that is in memory.
  readonly out = new BsonWriter(idRoom + maxDocumentBytes + tokenBytes)
  /** What was wrong last, at the parser's present place. */
  fault: { readonly code: RefusalCode; readonly why: string } | undefined
  /** The _id that the document brings. */
  id: DocumentId | undefined
  /** Whether the _id may be any value: it is skipped then, and `idJson` is its text. */
  takesAnyId = false
  /** Whether the value is not a document, so that an _id in it is a member like any other. */
  isPlain = false
  idJson: string | undefined
  readonly #keys = new KeySet()
  readonly #text = new StringTranscoder()
  readonly #number = new NumberReader()
  #stop = 0
  #state: State = 'value'
  #depth = 0
  // A well-formed value is read to its end, but nothing of it is kept.
  #skipping = false
  #hasId = false
  // Whether the next value is that of the document's own _id.
  #isIdNext = false
  // Where an _id of any kind began, in the source and in the writer; -1 outside of it.
  #anyIdAt = -1
  #anyIdTypeAt = 0
  // Whether each open level is an object: the one thing that is kept of levels beyond the limit.
  #isObject = new Uint8Array(firstLevels)
  readonly #starts = new Int32Array(maxDepth + 1)
  readonly #keyLists = new Int32Array(maxDepth + 1)
  // The path to the present value, a number per level: the offset of the key in the source, or -1 minus the index.
  readonly #path = new Int32Array(maxDepth + 1)
  // In the writer: where the present element's type, text and key go.
  #typeAt = 0
  #textStart = 0

  open(source: Buffer, reserve: Reserve): void {
    this.source = source
    this.at = byteOrderMarkLength(source)
    this.out.reserve = reserve
    // A member of an object has at least `"":0,`, and a key that no other has.
    this.#keys.most = Math.ceil(source.length / 6)
    this.nextPiece()
  }

  /** Lets go of the text: a parser lives as long as the service, and must not keep a body that long. */
  close(): void {
    this.source = nothing
    this.takesAnyId = false
    this.isPlain = false
    this.out.reserve = () => {}
    this.out.renew()
    this.#keys.clear()
    if (this.#isObject.length > firstLevels) this.#isObject = new Uint8Array(firstLevels)
  }

  nextPiece(): void {
    this.#stop = Math.min(this.at + pieceBytes, this.source.length)
  }

  /** Counts work other than reading, as if it were this many bytes more. */
  spend(bytes: number): void {
    // At the end of the text there is nothing left to stop.
    if (this.#stop < this.source.length) this.#stop = Math.max(this.#stop - bytes, this.at)
  }

  /** Steps over white space. The next byte, `endOfInput`, or undefined at the end of the piece. */
  next(): number | undefined {
    const byte = this.#peek()
    return byte === endOfPiece ? undefined : byte
  }

  /** Starts on the value at the present place, and forgets the one before. */
  begin(): void {
    this.out.at = idRoom - 4
    this.id = undefined
    this.fault = undefined
    this.#state = 'value'
    this.#depth = 0
    this.#skipping = false
    this.#hasId = false
    this.#isIdNext = false
    this.idJson = undefined
    this.#anyIdAt = -1
    this.#keys.clear()
  }

  /** From here on the value is only checked for its syntax. */
  skip(): void {
    this.#skipping = true
  }

  /** A JSON Pointer to the present place. */
  pointer(): string {
    const steps = this.#path.subarray(0, this.#depth)
    return abbreviatePointer(
      Array.from(steps, (step) => (step < 0 ? -1 - step : keyTextAt(this.source, step))),
    )
  }

  /** Does a piece of work. A fault other than `invalid_json` leaves the parser ready to go on and skip. */
  run(): Step {
    for (;;) {
      if (this.#skipping) this.out.at = idRoom
      const step = this.#step()
      if (step !== undefined) return step
    }
  }

  #step(): InnerStep {
    switch (this.#state) {
      case 'key text':
      case 'id text':
      case 'text':
        return this.#readText()
      case 'number':
        return this.#readNumber()
    }
    const byte = this.#peek()
    if (byte === endOfPiece) return 'more'
    if (!this.out.ensure(tokenBytes)) return this.#tooLarge()
    switch (this.#state) {
      case 'value':
        return this.#value(byte)
      case 'first item':
        return byte === 0x5d ? this.#leave() : this.#item(0)
      case 'first member':
        return byte === 0x7d ? this.#leave() : this.#member(byte)
      case 'member':
        return this.#member(byte)
      case 'colon':
        if (byte !== 0x3a) return this.#syntax()
        this.at++
        this.#state = 'value'
        return undefined
      default:
        return this.#nextInside(byte)
    }
  }

  // After a value: a comma or the closing bracket.
  #nextInside(byte: number): InnerStep {
    if (this.#anyIdAt >= 0 && this.#depth === 1) this.#endAnyId()
    const isObject = this.#isObject[this.#depth - 1] === 1
    if (byte !== 0x2c) return byte === (isObject ? 0x7d : 0x5d) ? this.#leave() : this.#syntax()
    this.at++
    if (!isObject) return this.#item(-(this.#path[this.#depth - 1] ?? 0))
    this.#state = 'member'
    return undefined
  }

  // Without a look at the value, which may come with the next piece.
  #item(index: number): undefined {
    const { out } = this
    this.#path[this.#depth - 1] = -1 - index
    this.#typeAt = out.at
    out.byte(0)
    if (!this.#skipping) out.index(index)
    this.#state = 'value'
  }

  #member(byte: number): InnerStep {
    if (byte !== 0x22) return this.#syntax()
    const { out } = this
    this.#path[this.#depth - 1] = this.at
    this.#typeAt = out.at
    out.byte(0)
    this.#beginText('key text')
  }

  #beginText(state: State): undefined {
    this.#text.begin(this.at + 1)
    this.#textStart = this.out.at
    this.#state = state
  }

  #value(byte: number): InnerStep {
    const { out } = this
    const { bytes } = out
    if (this.#isIdNext) {
      this.#isIdNext = false
      if (!this.takesAnyId) return this.#idValue(byte)
      this.#anyIdAt = this.at
      this.#anyIdTypeAt = this.#typeAt
    }
    switch (byte) {
      case 0x7b:
        return this.#enter(1, bsonType.object)
      case 0x5b:
        return this.#enter(0, bsonType.array)
      case 0x22:
        bytes[this.#typeAt] = bsonType.string
        out.at += 4
        return this.#beginText('text')
      case 0x74:
        bytes[this.#typeAt] = bsonType.boolean
        out.byte(1)
        return this.#literal('true')
      case 0x66:
        bytes[this.#typeAt] = bsonType.boolean
        out.byte(0)
        return this.#literal('false')
      case 0x6e:
        bytes[this.#typeAt] = bsonType.null
        return this.#literal('null')
      default:
        this.#number.begin(this.source, this.at)
        this.#state = 'number'
        return undefined
    }
  }

  #endAnyId(): void {
    this.idJson = this.source.toString('utf8', this.#anyIdAt, this.at)
    this.#anyIdAt = -1
    this.out.at = this.#anyIdTypeAt
  }

  // An _id leaves the elements again, since it goes first. Null is none: serializers send it for what nobody set.
  #idValue(byte: number): InnerStep {
    if (byte === 0x22) return this.#beginText('id text')
    if (byte === 0x6e) {
      this.out.at = this.#typeAt
      return this.#literal('null')
    }
    const isValue = byte === 0x7b || byte === 0x5b || byte === 0x74 || byte === 0x66
    if (isValue || byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      return this.#fail('invalid_id', 'An _id must be a text in double quotes.')
    }
    return this.#syntax()
  }

  #literal(word: string): InnerStep {
    for (let index = 1; index < word.length; index++) {
      if (this.source[this.at + index] === word.charCodeAt(index)) continue
      this.at += index
      return this.#syntax()
    }
    this.at += word.length
    return this.#afterValue()
  }

  #afterValue(): InnerStep {
    this.#state = 'next'
    return this.#depth === 0 ? 'done' : undefined
  }

  #enter(isObject: 0 | 1, type: number): InnerStep {
    const { out } = this
    const depth = this.#depth
    if (depth >= maxDepth && !this.#skipping) {
      return this.#fail('too_deep', `A document may nest ${maxDepth} levels deep. Make it flatter.`)
    }
    if (depth === this.#isObject.length) {
      // From 1 MiB on for all that can come: nothing larger is copied in one turn.
      const deeper = new Uint8Array(depth < 1 << 20 ? depth * 2 : this.source.length)
      out.reserve(deeper.length - depth)
      deeper.set(this.#isObject)
      this.#isObject = deeper
    }
    if (depth > 0) out.bytes[this.#typeAt] = type
    this.#isObject[depth] = isObject
    this.#starts[depth] = out.at
    if (isObject === 1) this.#keyLists[depth] = this.#keys.open()
    out.at += 4
    this.at++
    this.#depth++
    this.#state = isObject === 1 ? 'first member' : 'first item'
    return undefined
  }

  #leave(): InnerStep {
    this.at++
    const depth = --this.#depth
    if (!this.#skipping) {
      this.out.close(this.#starts[depth] ?? 0)
      if (this.#isObject[depth] === 1) this.#keys.close(this.#keyLists[depth] ?? 0)
    }
    return this.#afterValue()
  }

  #readText(): InnerStep {
    const { out } = this
    const text = this.#text
    const isLongKey = this.#state === 'key text' && !this.#skipping
    const step = text.read(this.source, this.#stop, out, this.#skipping)
    this.at = text.at
    switch (step) {
      case 'done':
        if (this.#state === 'text') return this.#endText()
        return this.#state === 'key text' ? this.#endKey() : this.#endId()
      case 'more':
        if (isLongKey) this.#keys.hashPart(out, this.#textStart)
        return 'more'
      case 'syntax':
        return this.#syntax()
      case 'full':
        return this.#tooLarge()
      case 'lone surrogate':
        return this.#fail(
          'lone_surrogate',
          'No UTF-8 text can hold half of a surrogate pair. Write the whole pair, or remove the half.',
        )
    }
  }

  #endText(): InnerStep {
    const { out } = this
    if (!this.#skipping) {
      out.byte(0)
      out.bytes.writeInt32LE(out.at - this.#textStart, this.#textStart - 4)
    }
    return this.#afterValue()
  }

  #endKey(): InnerStep {
    const { out } = this
    this.#state = 'colon'
    if (this.#skipping) return undefined
    const start = this.#textStart
    const end = out.at
    if (end > start && out.bytes[start] === 0x24 && this.#anyIdAt < 0) {
      return this.#fail('key_not_allowed', 'A key must not begin with $. Rename it.')
    }
    if (this.#text.hasNul)
      return this.#fail('key_not_allowed', 'A key must not hold a NUL. Rename it.')
    const isId =
      !this.isPlain &&
      this.#depth === 1 &&
      end - start === 3 &&
      out.bytes.toString('latin1', start, end) === '_id'
    // The _id leaves the writer's bytes again, so the set of keys cannot hold it.
    const keys = this.#keyLists[this.#depth - 1] ?? 0
    const isNew = isId ? !this.#hasId : this.#keys.add(keys, out, start, end)
    if (!isNew) {
      return this.#fail(
        'duplicate_key',
        'Which of the two values is meant cannot be known. Remove one.',
      )
    }
    if (isId) this.#hasId = true
    this.#isIdNext = isId
    out.byte(0)
    return undefined
  }

  #endId(): InnerStep {
    const { out } = this
    this.#afterValue()
    if (this.#skipping) return undefined
    const id = out.bytes.toString('utf8', this.#textStart, out.at)
    const fault = invalidId(id)
    if (fault !== undefined) return this.#fail('invalid_id', fault)
    this.id = idOfNew(id)
    out.at = this.#typeAt
    return undefined
  }

  #readNumber(): InnerStep {
    const number = this.#number
    const step = number.read(this.source, this.#stop)
    this.at = number.at
    if (step === 'more') return 'more'
    if (step === 'syntax') return this.#syntax()
    const ended = this.#afterValue()
    if (this.#skipping || number.put(this.source, this.out, this.#typeAt)) return ended
    const why =
      'is not an integer of 64 bits, and a double has 17 digits, from 2.3e-308 to 1.8e308. Put it in double quotes, or give it fewer digits.'
    return this.#fail('number_not_exact', `${number.shown(this.source)} ${why}`)
  }

  #peek(): number {
    const { source } = this
    const stop = this.#stop
    let { at } = this
    for (; at < stop; at++) {
      const byte = source[at] ?? 0
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.at = at
        return byte
      }
    }
    this.at = at
    return at < source.length ? endOfPiece : endOfInput
  }

  #tooLarge(): Step {
    this.#isIdNext = false
    return this.#fail('document_too_large', tooLargeText)
  }

  #syntax(): Step {
    return this.#fail('invalid_json', '')
  }

  #fail(code: RefusalCode, why: string): Step {
    this.fault = { code, why }
    return 'fault'
  }
}

export const tooLargeText = `A document may have ${maxDocumentBytes} bytes as BSON.`
