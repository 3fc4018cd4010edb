// The shapes of /data in JSON Schema, for /openapi.json.

const id = {
  type: 'string',
  description: 'An ObjectId as 24 lower-case hex digits, or a text of up to 256 bytes.',
  minLength: 1,
}

/** The schemas by their name under #/components/schemas. */
export const documentSchemas = {
  Document: {
    type: 'object',
    description: 'Any JSON object. Every one that is accepted comes back equal.',
    properties: { _id: id },
    additionalProperties: true,
  },
  StoredDocument: {
    allOf: [{ $ref: '#/components/schemas/Document' }, { type: 'object', required: ['_id'] }],
  },
  Written: {
    type: 'object',
    required: ['status', '_id'],
    properties: {
      status: { enum: ['Data inserted', 'Data already there', 'Data replaced'] },
      _id: id,
    },
    additionalProperties: false,
  },
  ItemError: {
    type: 'object',
    required: ['status', 'code', 'detail'],
    properties: {
      index: { type: 'integer', minimum: 0, description: 'The place in the array.' },
      line: { type: 'integer', minimum: 1, description: 'The line of the NDJSON body.' },
      status: { type: 'integer' },
      code: { type: 'string' },
      detail: { type: 'string' },
      pointer: { type: 'string', description: 'A JSON Pointer into the document.' },
      column: { type: 'integer' },
    },
    additionalProperties: false,
  },
  ManyWritten: {
    type: 'object',
    required: ['inserted', 'errors'],
    properties: {
      inserted: { type: 'integer', minimum: 0 },
      ids: {
        type: 'array',
        description: 'Of an array: the _id of each item in order, null for one that failed.',
        items: { type: ['string', 'null'] },
      },
      failed: { type: 'integer', minimum: 0, description: 'Of NDJSON: how many lines failed.' },
      errors: {
        type: 'array',
        description: 'Of NDJSON: the first 100.',
        items: { $ref: '#/components/schemas/ItemError' },
      },
    },
    additionalProperties: false,
  },
} as const

/** The reference to a schema, for the operation of a route. */
export const schemaReference = (name: keyof typeof documentSchemas) => ({
  $ref: `#/components/schemas/${name}`,
})

/** A JSON answer of this shape. */
export const json = (
  description: string,
  name: keyof typeof documentSchemas,
  headers: Readonly<Record<string, object>> = {},
) => ({ description, headers, content: { 'application/json': { schema: schemaReference(name) } } })

/** A header that is a text. */
export const header = (description: string) => ({ description, schema: { type: 'string' } })
