// The indexes that the setting names, and the keys under which they have a document.
import { createHash } from 'node:crypto'
import { Refusal } from '../codec/refusal.ts'
import { quoted } from '../quoted.ts'
import { Evaluator } from './evaluator.ts'
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

/**
 * Reads the setting: paths with commas between them, each perhaps with `:unique`.
 * @throws Refusal
 */
export function parseIndexes(text: string): readonly IndexSpec[] {
  const specs = text.split(',').map((part) => {
    const name = part.trim()
    const unique = name.endsWith(':unique')
    const path = parsePath(unique ? name.slice(0, -':unique'.length) : name)
    if (isId(path)) throw invalid('The _id has its index already.')
    return { path, unique }
  })
  const names = new Set(specs.map(({ path }) => path.join('.')))
  if (names.size < specs.length) throw invalid(`${quoted(text)} has a path twice.`)
  if (specs.length > maxIndexes) throw invalid(`There may be ${maxIndexes} indexes.`)
  return specs
}

const invalid = (why: string) => new Refusal('invalid_query', why)

// A longer key is cut: the evaluator decides between those that begin the same.
const maxKeyBytes = 512

/** A key as an index has it. */
export const cutKey = (key: Buffer): Buffer => key.subarray(0, maxKeyBytes)

/** Whether there may be more of the key than the index has. */
export const isCut = (key: Buffer): boolean => key.length >= maxKeyBytes

/** Begins the keys that tell unique values apart if the key itself does not: before all values. */
export const uniqueMark = 0x02

/**
 * Values of one document in one index. A client could send a million in one array, and each is a row: a
 * thousand take 3 ms and 200 kB.
 */
export const maxValues = 1000

/** The keys of one document in one index. */
export interface IndexKeys {
  /** By their bytes as latin1. */
  readonly keys: ReadonlyMap<string, Buffer>
  /** Whether the document has more values than an index takes. */
  readonly isTooMany: boolean
  /** Those that no other document may have. They are among `keys`. */
  readonly unique: readonly Buffer[]
}

/** Makes the keys of documents for some indexes. */
export class KeyMaker {
  readonly #specs: readonly IndexSpec[]
  readonly #evaluator: Evaluator
  #found: Map<string, Buffer>[] = []

  constructor(specs: readonly IndexSpec[]) {
    this.#specs = specs
    const sort = specs.map(({ path }) => ({ path, descending: false }))
    this.#evaluator = new Evaluator(undefined, sort, (index, key) => {
      const found = this.#found[index]
      if (found && found.size <= maxValues) found.set(key.toString('latin1'), Buffer.from(key))
    })
  }

  /** The keys of a document, one entry an index, in one turn. */
  keysOf(json: Buffer): readonly IndexKeys[] {
    this.#found = this.#specs.map(() => new Map())
    this.#evaluator.read(json, 0, json.length)
    return this.#keys()
  }

  /** The same of a large one, in turns. Nothing else may be asked meanwhile. */
  async keysInTurns(json: Buffer): Promise<readonly IndexKeys[]> {
    const maker = new KeyMaker(this.#specs)
    maker.#found = this.#specs.map(() => new Map())
    await maker.#evaluator.readInTurns(json, 0, json.length)
    return maker.#keys()
  }

  #keys(): IndexKeys[] {
    return this.#specs.map(({ unique }, index) => {
      const found = [...(this.#found[index]?.values() ?? [])]
      const own = unique ? found.map(uniqueKey) : []
      const all = found.length === 0 ? [missingKey] : [...found.map(cutKey), ...own]
      const keys = new Map(all.map((key) => [key.toString('latin1'), key]))
      return { keys, unique: own, isTooMany: found.length > maxValues }
    })
  }
}

// Sorts as null does.
const missingKey = Buffer.of(kinds.null)

// What is missing has the key of null, and what is cut that of others: the marks tell them apart.
function uniqueKey(key: Buffer): Buffer {
  if (key[0] !== kinds.null && key.length < maxKeyBytes) return key
  return Buffer.concat([Buffer.of(uniqueMark), createHash('sha256').update(key).digest()])
}
