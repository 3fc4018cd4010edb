// The parameters of the requests to /data, as /openapi.json describes them.
import { operatorNames, operators } from '../query/operators.ts'
import { maxLimit } from '../query/query-string.ts'
import { idempotencyKeyPattern } from './idempotency-key.ts'

const meanings = operatorNames
  .map((name) => `\`${name}\` ${operators[name].description}`)
  .join('; ')

/** A parameter that is a text, if `more` has no other schema. */
const parameterIn =
  (place: 'query' | 'header') =>
  (name: string, description: string, more: object = {}) => ({
    name,
    in: place,
    description,
    schema: { type: 'string' },
    ...more,
  })
export const queryParameter = parameterIn('query')
export const headerParameter = parameterIn('header')

/** The conditions as one parameter that stands for many, and those with a name. */
export const queryParameters = [
  {
    name: 'conditions',
    in: 'query',
    style: 'form',
    explode: true,
    description: `Conditions, each \`path:operator=value\`: \`region:eq=Europe&population:gte=1e6\`. All must hold. A path has dots between its keys, and goes into arrays: any element. Operators: ${meanings}. A value is a JSON scalar where it reads as one, else the text itself; a bare number is also the text that it is, and quotes make it a text alone.`,
    schema: {
      type: 'object',
      patternProperties: {
        [`^.+:(?:${operatorNames.join('|')})$`]: { type: 'string' },
      },
      additionalProperties: false,
    },
    example: { 'region:eq': 'Europe', 'population:gte': '1e6' },
  },
  queryParameter(
    'limit',
    'At most N documents. Without conditions and sort, one more for each that is inserted among them meanwhile.',
    { schema: { type: 'integer', minimum: 1, maximum: maxLimit } },
  ),
  queryParameter(
    'after',
    'Only documents after this _id, written as in an address; with `sort` the cursor that a Link had.',
  ),
  queryParameter(
    'sort',
    'Up to 4 paths with commas between them, each with - in front to descend. The _id decides last. It needs a limit, or an index on its first path (setting `INDEXES`).',
    { example: '-population,name.common' },
  ),
  queryParameter(
    'fields',
    'The members to show, paths with commas between them. The _id is always there.',
    { example: 'name,population' },
  ),
]

/** The id in the path. */
export const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description:
    'The _id of the document: its text, or the canonical Extended JSON of one that another program gave. A text that reads like that is written as a JSON string.',
  schema: { type: 'string' },
  example: 'ada',
}
export const ifMatch = headerParameter(
  'If-Match',
  'Only if the document still has one of these entity tags, in double quotes and strong; `*`: only if there is one.',
)
export const prefer = headerParameter(
  'Prefer',
  '`resolution=ignore-duplicates`: an _id that is there already counts as done, so that a POST can be repeated.',
)
export const preferCount = headerParameter(
  'Prefer',
  '`count=exact`: the header X-Total-Count has the number of all documents that satisfy the conditions.',
)
export const idempotencyKey = headerParameter(
  'Idempotency-Key',
  'A key of the client’s own, new for each request and the same when it is repeated; a UUID is best. Documents without an _id get one that always belongs to the key and their place in the request, so a repetition finds them: it gets the answer of the first time, and inserts what the first time left out. 422 `idempotency_key_reused` where the stored document is not the one sent now. There is no time limit; a document that was removed in between is inserted again.',
  {
    schema: { type: 'string', pattern: idempotencyKeyPattern },
    example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
  },
)
