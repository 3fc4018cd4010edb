// The shapes of /data in JSON Schema, for /openapi.json.
import { operatorNames } from '../query/operators.ts'

const text = (description: string) => ({ type: 'string', description })
const list = (description: string, items: object = {}) => ({ type: 'array', description, items })
const integer = (description: string) => ({ type: 'integer', format: 'int64', description })
const idText = 'An ObjectId as 24 lower-case hex digits, or a text of up to 256 bytes.'
const id = { ...text(idText), minLength: 1 }

/**
 * The schemas by their name under #/components/schemas. No list of values and no object is closed: a client made from
 * one would fail at a later version.
 */
export const documentSchemas = {
  Document: {
    type: 'object',
    description: 'Any JSON object. Every one that is accepted comes back equal.',
    properties: {
      _id: {
        type: ['string', 'null'],
        description: `${idText} Left out or null: one is assigned; a PUT takes that of its address.`,
        minLength: 1,
      },
    },
    additionalProperties: true,
    examples: [{ _id: 'ada', name: 'Ada', born: 1815 }],
  },
  StoredDocument: {
    type: 'object',
    description:
      'A document with its _id. A document of another program may have one that is not a text; it is shown as Extended JSON.',
    required: ['_id'],
    properties: { _id: id },
    additionalProperties: true,
    examples: [{ _id: 'ada', name: 'Ada', born: 1815 }],
  },
  Query: {
    type: 'object',
    description: 'What is looked for, in literal JSON. Every member may be left out.',
    properties: {
      where: list(
        `[operator, path, value], with an operator of ${operatorNames.join(', ')}; or "and" or "or" followed by conditions, or "not" with one.`,
      ),
      sort: list('Paths, each a text with - in front for the other direction.'),
      fields: list('The paths of the members to show.'),
      limit: { type: 'integer', format: 'int32', minimum: 1, maximum: 10_000 },
      after: text('The place after which the page begins.'),
    },
    examples: [
      {
        where: ['or', ['eq', 'region', 'Asia'], ['gt', 'area', 5]],
        sort: ['-area'],
        fields: ['name'],
        limit: 100,
      },
    ],
  },
  JsonPatch: {
    ...list('Operations, in their order.', {
      type: 'object',
      required: ['op', 'path'],
      properties: {
        op: text('`add`, `remove`, `replace`, `move`, `copy` or `test`.'),
        path: text('A JSON Pointer.'),
        from: text('A JSON Pointer, for `move` and `copy`.'),
        value: { description: 'For `add`, `replace` and `test`.' },
      },
    }),
    examples: [
      [
        { op: 'test', path: '/n', value: 1 },
        { op: 'replace', path: '/n', value: 2 },
      ],
    ],
  },
  Written: {
    type: 'object',
    description: 'What became of one document.',
    required: ['status', '_id'],
    properties: {
      status: text('`Data inserted`, `Data already there`, `Data replaced` or `Data changed`.'),
      _id: id,
    },
    examples: [{ status: 'Data inserted', _id: 'ada' }],
  },
  ItemError: {
    type: 'object',
    description: 'Why one of many was not inserted: its `index` in an array, or its `line`.',
    required: ['status', 'code', 'detail'],
    properties: {
      index: { ...integer('The place in the array.'), minimum: 0 },
      line: { ...integer('The line of the NDJSON body.'), minimum: 1 },
      status: { type: 'integer', format: 'int32' },
      code: text('As the `code` of a Problem.'),
      detail: { type: 'string' },
      pointer: text('A JSON Pointer into the document; one that is cut ends with `...`.'),
      column: integer('If the text is not JSON.'),
    },
  },
  ManyWritten: {
    type: 'object',
    description: 'What became of many documents.',
    required: ['inserted', 'errors'],
    properties: {
      inserted: { ...integer('How many are new.'), minimum: 0 },
      ids: list('Of an array: the _id of each item in order, null for one that failed.', {
        type: ['string', 'null'],
      }),
      failed: {
        ...integer('How many failed, including those that are not in `errors`.'),
        minimum: 0,
      },
      errors: list('The first 100, in the order of the items.', {
        $ref: '#/components/schemas/ItemError',
      }),
    },
    examples: [{ inserted: 2, failed: 0, ids: ['ada', 'bob'], errors: [] }],
  },
} as const

/** The reference to a schema, for the operation of a route. */
export const schemaReference = (name: keyof typeof documentSchemas) => ({
  $ref: `#/components/schemas/${name}`,
})

/** The content of a body or an answer, from the schema of each media type. */
export const contentOf = (schemas: Readonly<Record<string, object>>) =>
  Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]))

/** A JSON answer of this shape, or of one of these. */
export const jsonAnswer = (description: string, schema: object, headers: object = {}) => ({
  description,
  headers,
  content: contentOf({ 'application/json': schema }),
})

/** A header that is a text. */
export const textHeader = (description: string) => ({ description, schema: { type: 'string' } })
