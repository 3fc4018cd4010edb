// The indexes that the setting names, and the keys under which they have a document.
import { hash } from 'node:crypto'
import { nearestName } from '../nearest-name.ts'
import { quoted } from '../shown-text.ts'
import { Evaluator } from './evaluator.ts'
import { invalidQuery } from './filter.ts'
import { isId, type Path, parsePath } from './path.ts'
import { kinds } from './sort-key.ts'

export interface IndexSpec {
  readonly path: Path
  /** No two documents may have the same value there. A document without a value does not count. */
  readonly unique: boolean
}

/** How the setting writes it. */
export const nameOfIndex = ({ path, unique }: IndexSpec): string =>
  `${path.join('.')}${unique ? ':unique' : ''}`

/** `building`: written to, but not read yet. `refused`: a document cannot be in it. */
export type IndexState = 'building' | 'ready' | 'refused'

export interface IndexStatus {
  /** As the setting has it. */
  readonly name: string
  readonly state: IndexState
  /** How far it is, or why it is refused; may be empty. */
  readonly detail: string
}

/** For people: the index and its state. */
export const wordsOfStatus = ({ name, state, detail }: IndexStatus): string =>
  `${name} ${state}${detail && `: ${detail}`}`

const maxIndexes = 16

/** Reads the setting: paths with commas between them, each perhaps with `:unique`. @throws Refusal */
export function parseIndexes(text: string): readonly IndexSpec[] {
  const specs = text.split(',').map((part) => {
    const name = part.trim()
    const unique = name.endsWith(':unique')
    const path = parsePath(unique ? name.slice(0, -':unique'.length) : name)
    const ending = name.slice(name.lastIndexOf(':') + 1)
    if (!unique && ending !== name && nearestName(ending, ['unique'])) {
      throw invalidQuery(`${quoted(name)} has another ending than :unique.`)
    }
    if (isId(path)) throw invalidQuery('The _id has its index already.')
    return { path, unique }
  })
  const names = new Set(specs.map(({ path }) => path.join('.')))
  if (names.size < specs.length) throw invalidQuery(`${quoted(text)} has a path twice.`)
  if (specs.length > maxIndexes) throw invalidQuery(`There may be ${maxIndexes} indexes.`)
  return specs
}

// A longer key is cut: the evaluator decides between those that begin the same.
const maxKeyBytes = 512

/** A key as an index has it. */
export const cutKey = (key: Buffer): Buffer => key.subarray(0, maxKeyBytes)

/** Whether there may be more of the key than the index has. */
export const isCut = (key: Buffer): boolean => key.length >= maxKeyBytes

// Begins the keys that tell unique values apart if the key itself does not: before all values.
const uniqueMark = 0x02

/**
 * Values of one document in one index. A body of 1 MiB has 150,000 of them at most, whose entries take 390 ms of
 * one transaction (measured); 16 indexes with this many take 8.
 */
export const maxValues = 100

/** The key of documents with more: candidates of every condition, which sort by their least or greatest. */
export const manyKey = Buffer.of(0x01)

/** The keys of one document in one index. */
export interface IndexKeys {
  /** By their bytes as text. */
  readonly keys: ReadonlyMap<string, Buffer>
  /** Those that no other document may have. They are among `keys`. */
  readonly unique: readonly Buffer[]
  /** It has more values than are kept, so that none of them can be unique. */
  readonly isMany: boolean
}

/** Makes the keys of documents for some indexes. */
export class KeyMaker {
  readonly #specs: readonly IndexSpec[]
  readonly #evaluator: Evaluator
  #found: KeySet[] = []

  constructor(specs: readonly IndexSpec[]) {
    this.#specs = specs
    const sort = specs.map(({ path }) => ({ path, descending: false }))
    this.#evaluator = new Evaluator(undefined, sort, (index, key) => this.#found[index]?.add(key))
  }

  /** The keys of a document, one entry an index, in one turn. */
  keysOf(json: Buffer): readonly IndexKeys[] {
    this.#found = this.#specs.map(() => new KeySet())
    this.#evaluator.read(json, 0, json.length)
    return this.#keys()
  }

  /** The same of a document of any size, in turns. */
  async keysInTurns(json: Buffer): Promise<readonly IndexKeys[]> {
    const maker = new KeyMaker(this.#specs)
    maker.#found = this.#specs.map(() => new KeySet())
    await maker.#evaluator.readInTurns(json, 0, json.length)
    return maker.#keys()
  }

  #keys(): IndexKeys[] {
    return this.#specs.map(({ unique }, index) => {
      const { keys: found = [], isMany = false } = this.#found[index] ?? {}
      if (found.length === 0) return { keys: keyMap([missingKey]), unique: [], isMany }
      if (isMany) return { keys: keyMap([manyKey, ...found.map(cutKey)]), unique: [], isMany }
      const own = unique ? found.map(uniqueKey) : []
      return { keys: keyMap([...found.map(cutKey), ...own]), unique: own, isMany }
    })
  }
}

const keyMap = (keys: readonly Buffer[]) => new Map(keys.map((key) => [textOf(key), key]))

const textOf = (key: Buffer) => key.toString('latin1')

/** The keys of a document, or the least and the greatest if they are many. */
class KeySet {
  #keys = new Map<string, Buffer>()
  #ends: readonly [least: Buffer, greatest: Buffer] | undefined

  /** The key is valid until the next one. */
  add(key: Buffer): void {
    if (this.#ends) {
      const [least, greatest] = this.#ends
      if (Buffer.compare(key, least) < 0) this.#ends = [Buffer.from(key), greatest]
      if (Buffer.compare(key, greatest) > 0) this.#ends = [least, Buffer.from(key)]
      return
    }
    this.#keys.set(textOf(key), Buffer.from(key))
    if (this.#keys.size <= maxValues) return
    const [least, ...others] = [...this.#keys.values()].sort(Buffer.compare)
    const greatest = others.at(-1)
    if (least && greatest) this.#ends = [least, greatest]
    this.#keys.clear()
  }

  get isMany(): boolean {
    return this.#ends !== undefined
  }

  get keys(): readonly Buffer[] {
    return this.#ends ?? [...this.#keys.values()]
  }
}

// Sorts as null does.
const missingKey = Buffer.of(kinds.null)

// What is missing has the key of null, and what is cut that of others: the marks tell them apart.
function uniqueKey(key: Buffer): Buffer {
  if (key[0] !== kinds.null && key.length < maxKeyBytes) return key
  return Buffer.concat([Buffer.of(uniqueMark), hash('sha256', key, 'buffer')])
}
