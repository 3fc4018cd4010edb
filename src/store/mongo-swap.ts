// What a restore does with whole collections: those that it fills, replaces and puts aside.
import { type Document, MongoServerError } from 'mongodb'
import { connectMongo } from './mongo-connection.ts'
import { holdWrites, longestHold, noteBackup, releaseWrites } from './mongo-state.ts'
import { StoreError } from './store-error.ts'

/** The collection that a restore fills. */
export const restoredCollection = (collection: string): string => `${collection}.restored`

// Milliseconds: MongoDB renames at once, but a server may copy instead.
const timeout = 600_000
const attempts = 5
const namespaceNotFound = 26
const namespaceExists = 48

type Names = Readonly<Record<'uri' | 'database' | 'collection' | 'by', string>>

/** Connects in the background. `by`: whose restore it is. @throws StoreError if the connection string is wrong */
export function openSwap({ uri, database, collection, by }: Names) {
  const connection = connectMongo({ uri, database, silence: timeout })
  let holds = 0
  const asidePrefix = `${collection}.aside.`
  const run = (command: Document, of = database) =>
    connection.use(timeout, (db, signal) => db.client.db(of).command(command, { signal }))
  // Whether there was such a collection.
  const rename = async (from: string, to: string): Promise<boolean> => {
    const namespaces = { renameCollection: `${database}.${from}`, to: `${database}.${to}` }
    try {
      await run(namespaces, 'admin')
      return true
    } catch (error) {
      if (codeOf(error) === namespaceNotFound) return false
      throw error
    }
  }
  return {
    note: (verified: number) => noteBackup(run, collection, verified),
    hold: () => holdWrites(run, collection, `${by} ${++holds}`),
    release: () => releaseWrites(run, collection),
    /** Releases what a killed restore has asked for. */
    forget: () => releaseWrites(run, collection, longestHold),

    /**
     * Puts the filled collection in the place of the documents, which are put aside with what somebody writes in the
     * moment between.
     */
    async swap(): Promise<void> {
      for (let attempt = 1; ; attempt++) {
        await rename(collection, `${asidePrefix}${attempt}`)
        try {
          if (await rename(restoredCollection(collection), collection)) return
          throw new StoreError('failed', 'The restored collection is gone.')
        } catch (error) {
          if (codeOf(error) !== namespaceExists || attempt === attempts) throw error
        }
      }
    },

    /** The collections that were put aside and are not dropped yet. */
    async aside(): Promise<string[]> {
      const names = await connection.use(timeout, (db) =>
        db.listCollections({}, { nameOnly: true }).toArray(),
      )
      return names.map(({ name }) => name).filter((name) => name.startsWith(asidePrefix))
    },

    async drop(name: string): Promise<void> {
      try {
        await run({ drop: name })
      } catch (error) {
        if (codeOf(error) !== namespaceNotFound) throw error
      }
    },

    close: () => connection.close(),
  }
}

export type Swap = ReturnType<typeof openSwap>

const codeOf = (error: unknown): unknown =>
  error instanceof StoreError && error.cause instanceof MongoServerError
    ? error.cause.code
    : undefined
