// What an import sends: the documents of a file of one of its kinds, each as a line of JSON.
import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse'
import { UsageError } from '../command-line/read-options.ts'
import { linesOf } from '../src/documents/ndjson.ts'
import { jsonNumberPattern } from '../src/query/operand.ts'
import { documentFile } from './document-file.ts'
import { plainJson } from './plain-json.ts'
import { reasonOf } from './service.ts'
import { splitDocuments } from './split-documents.ts'

/** A document, or why there is none. */
interface SourceLine {
  /** Where it begins in the file, from 1. */
  readonly number: number
  readonly bytes: Uint8Array | undefined
  readonly why: string
}

/** How to read the file. */
export interface SourceOptions {
  readonly file: string
  readonly kind: 'lines' | 'extended' | 'csv'
  /** CSV: what looks like a number, true, false or null is one. */
  readonly types: boolean
  /** CSV: the column that is the _id. */
  readonly id: string
}

const longestLine = 128 << 20

/** The documents of the file. `changed` counts the values that became another type, by kind. */
export function documentsOf(
  options: SourceOptions,
  changed: Map<string, number>,
): AsyncGenerator<SourceLine> {
  switch (options.kind) {
    case 'lines':
      return plainLines(options.file)
    case 'extended':
      return extendedDocuments(options.file, changed)
    case 'csv':
      return csvDocuments(options)
  }
}

async function* plainLines(file: string): AsyncGenerator<SourceLine> {
  for await (const { number, bytes } of linesOf(
    documentFile(file, 'lines'),
    longestLine,
    () => {},
  )) {
    yield { number, bytes, why: '' }
  }
}

async function* extendedDocuments(
  file: string,
  changed: Map<string, number>,
): AsyncGenerator<SourceLine> {
  for await (const { number, bytes } of splitDocuments(documentFile(file, 'any'), longestLine)) {
    try {
      if (!isUtf8(bytes)) throw new Error(notUtf8)
      const plain = plainJson(bytes.toString())
      for (const [kind, count] of plain.changed) changed.set(kind, (changed.get(kind) ?? 0) + count)
      yield { number, bytes: Buffer.from(plain.json), why: '' }
    } catch (error) {
      yield { number, bytes: undefined, why: reasonOf(error) }
    }
  }
}

async function* csvDocuments({ file, types, id }: SourceOptions): AsyncGenerator<SourceLine> {
  const records = parse({
    ...{ info: true, relax_column_count: true, skip_empty_lines: true },
    // An unclosed quote would take the rest of the file into memory.
    max_record_size: longestLine,
  })
  const reading = feed(documentFile(file, 'any'), records)
  let header: string[] | undefined
  try {
    for await (const item of records) {
      const { record, line } = rowOf(item)
      if (header === undefined) {
        header = headerOf(record, id)
        continue
      }
      if (record.length !== header.length) {
        const why = `it has ${record.length} fields, and the header ${header.length}`
        yield { number: line, bytes: undefined, why }
        continue
      }
      const members = header.map((name, at) => {
        const field = record[at] ?? ''
        const isText = name === '_id' || !types || !looksLikeJson(field)
        return `${JSON.stringify(name)}:${isText ? JSON.stringify(field) : field}`
      })
      yield { number: line, bytes: Buffer.from(`{${members}}`), why: '' }
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new Error(`${file} is not CSV: ${reasonOf(error)}`)
  }
  await reading
}

const notUtf8 = 'it is not UTF-8'

async function feed(chunks: AsyncIterable<Buffer>, records: ReturnType<typeof parse>) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let line = 1
  try {
    for await (const chunk of chunks) {
      const text = decoded(decoder, chunk, line)
      line += text.split('\n').length - 1
      if (!records.write(text)) await new Promise((resolve) => records.once('drain', resolve))
    }
    records.end()
  } catch (error) {
    records.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

// Excel writes the code page of the system unless "CSV UTF-8" is chosen.
function decoded(decoder: TextDecoder, chunk: Buffer, line: number): string {
  try {
    return decoder.decode(chunk, { stream: true })
  } catch {
    let at = line
    for (let from = 0, end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      if (!isUtf8(chunk.subarray(from, end))) break
      from = end + 1
      at++
    }
    throw new Error(`line ${at}: ${notUtf8}; save it as UTF-8, in Excel as "CSV UTF-8"`)
  }
}

function rowOf(item: unknown): { record: string[]; line: number } {
  const { record, info } = Object(item)
  return { record: Array.isArray(record) ? record.map(String) : [], line: Number(info?.lines) }
}

function headerOf(record: readonly string[], id: string): string[] {
  // As Excel writes it where a comma is the sign of a decimal.
  const other = [';', '\t'].find((sign) => record.length === 1 && record[0]?.includes(sign))
  if (other !== undefined) {
    throw new UsageError(
      `the header has no comma: fields stand between commas, not ${JSON.stringify(other)}`,
    )
  }
  const names = record.map((name) => (name === id ? '_id' : name))
  if (!names.includes('_id')) {
    throw new UsageError(
      `the header has no column ${JSON.stringify(id)}: name the one that is the _id by --id, or a second import would add each document once more`,
    )
  }
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined) throw new UsageError(`the header has ${JSON.stringify(twice)} twice`)
  return names
}

const looksLikeJson = (field: string): boolean =>
  field === 'null' || field === 'true' || field === 'false' || jsonNumberPattern.test(field)
