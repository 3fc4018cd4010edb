// A data file as an earlier version of the service wrote it.
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { idKey } from '../../src/codec/document-id.ts'
import type { EncodedDocument } from '../../src/codec/encoded-document.ts'

const applicationId = 0x6a736f6e

/** Writes a file of that version with these documents, and with these claims if it knew any. */
export function writeEarlierFile(
  file: string,
  version: 1 | 2,
  documents: Iterable<EncodedDocument>,
  claims?: Iterable<EncodedDocument>,
): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL')
  const fill = (table: string, rows: Iterable<EncodedDocument>) => {
    const crc = version === 1 ? '' : ', crc INTEGER'
    db.exec(`CREATE TABLE ${table} (key BLOB PRIMARY KEY, bson BLOB NOT NULL${crc})`)
    const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?${version === 1 ? '' : ', ?'})`)
    for (const { id, bson } of rows) {
      const key = idKey(id)
      const sum = version === 1 ? [] : [crc32(bson, crc32(key))]
      insert.run(key, bson, ...sum)
    }
  }
  db.exec('BEGIN')
  fill('documents', documents)
  if (claims) fill('claims', claims)
  db.exec(`PRAGMA application_id = ${applicationId}`)
  db.exec(`PRAGMA user_version = ${version}`)
  db.exec('COMMIT')
  db.close()
}
