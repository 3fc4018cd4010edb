// Makes the indexes that the setting names on MongoDB, and removes those that it no longer names.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Document } from 'mongodb'
import { type IndexSpec, type IndexState, type IndexStatus, nameOfIndex } from '../query/indexes.ts'
import { exactName } from '../query/mongo-query.ts'
import { isSamePath } from '../query/path.ts'
import { StoreError } from './store-error.ts'

interface MongoIndexOptions {
  readonly specs: readonly IndexSpec[]
  readonly collection: string
  /** Runs a command, which may take hours. */
  readonly command: (command: Document) => Promise<Document>
  readonly say: (words: string) => void
  readonly isClosed: () => boolean
}

// Begins the names of our indexes; others are left alone.
const mark = 'data-service '
// Milliseconds between attempts while the database is away.
const pause = 5000

interface Made {
  readonly spec: IndexSpec
  state: IndexState
  detail: string
}

/** Begins to make the indexes; queries work without them. */
export function makeMongoIndexes(options: MongoIndexOptions) {
  const made = options.specs.map((spec): Made => ({ spec, state: 'building', detail: '' }))
  void makeAll(options, made)
  return {
    /** Each with its state, for people. */
    get status(): IndexStatus[] {
      return made.map(({ spec, state, detail }) => ({ name: nameOfIndex(spec), state, detail }))
    },
    /** Whether documents can be read in the order of this path. */
    isReady: (path: readonly string[]) =>
      made.some(({ spec, state }) => state === 'ready' && isSamePath(spec.path, path)),
  }
}

async function makeAll(options: MongoIndexOptions, made: readonly Made[]): Promise<void> {
  const { collection, command, say, isClosed } = options
  for (let isListed = false; !isClosed(); await sleep(pause, undefined, { ref: false })) {
    try {
      if (!isListed) await removeOthers(options)
      isListed = true
      for (const index of made) {
        if (index.state !== 'building' || isClosed()) continue
        const refused = await makeOne(collection, command, index.spec)
        index.state = refused === undefined ? 'ready' : 'refused'
        index.detail = refused ?? ''
        const name = nameOfIndex(index.spec)
        say(`the index ${name} is ${refused === undefined ? 'made' : `refused: ${refused}`}`)
      }
      return
    } catch (error) {
      // That the database is away is logged elsewhere.
      if (error instanceof StoreError && error.fault === 'unavailable') continue
      if (!isClosed()) say(`the indexes are not made: ${String(error)}`)
      return
    }
  }
}

// Why it is not made, undefined if it is.
async function makeOne(
  collection: string,
  command: MongoIndexOptions['command'],
  spec: IndexSpec,
): Promise<string | undefined> {
  const indexes = definitionsOf(spec)
  if (indexes === undefined) {
    return 'MongoDB has no index for a path with a position in an array, or with an empty key'
  }
  try {
    await command({ createIndexes: collection, indexes })
    return undefined
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'refused') return whyRefused(error)
    throw error
  }
}

// What collides is at the end of a long message.
function whyRefused({ message, cause }: StoreError): string {
  const whole = cause instanceof Error ? cause.message : message
  const [, values] = /dup key: (\{.*\})/s.exec(whole) ?? []
  return values === undefined
    ? message
    : `two documents have the same value, ${values.slice(0, 100)}`
}

// Both directions: because of the _id an index read backwards does not have the order of a sort.
function definitionsOf({ path, unique }: IndexSpec): Document[] | undefined {
  const name = exactName(path)
  if (name === undefined) return undefined
  const key = (direction: 1 | -1) =>
    new Map([
      [name, direction],
      ['_id', 1],
    ])
  const both: Document[] = [
    { name: `${mark}${name} up`, key: key(1) },
    { name: `${mark}${name} down`, key: key(-1) },
  ]
  if (!unique) return both
  const partialFilterExpression = { [name]: { $exists: true } }
  const only = {
    name: `${mark}${name} unique`,
    key: { [name]: 1 },
    unique,
    partialFilterExpression,
  }
  return [...both, only]
}

async function removeOthers({ specs, collection, command, say }: MongoIndexOptions): Promise<void> {
  const wanted = new Set(
    specs.flatMap((spec) => definitionsOf(spec)?.map(({ name }) => name) ?? []),
  )
  let listed: Document
  try {
    listed = await command({ listIndexes: collection })
  } catch (error) {
    // The collection does not exist yet.
    if (error instanceof StoreError && error.fault === 'refused') return
    throw error
  }
  const found: unknown[] = listed.cursor?.firstBatch ?? []
  for (const each of found) {
    const name =
      typeof each === 'object' && each !== null && 'name' in each ? String(each.name) : ''
    if (!name.startsWith(mark) || wanted.has(name)) continue
    await command({ dropIndexes: collection, index: name })
    say(`the index ${name.slice(mark.length)} is removed`)
  }
}

/** The path of the unique index that the message names, undefined if it was the _id. */
export function duplicatePath(message: string): readonly string[] | undefined {
  const [, name] = /data-service (.+?) unique\b/.exec(message) ?? []
  return name?.split('.')
}
