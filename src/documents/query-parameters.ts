// What /openapi.json says of a query, made from the table that the parsers use.
import { operatorNames, operators } from '../query/operators.ts'
import { maxLimit } from '../query/query-string.ts'

const meanings = operatorNames
  .map((name) => `\`${name}\` ${operators[name].description}`)
  .join('; ')

/** The conditions as one parameter that stands for many, and those with a name of their own. */
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
  {
    name: 'limit',
    in: 'query',
    description:
      'At most N documents. Without conditions and sort, one more for each that is inserted among them meanwhile.',
    schema: { type: 'integer', minimum: 1, maximum: maxLimit },
  },
  {
    name: 'after',
    in: 'query',
    description:
      'Only documents after this _id, written as in an address; with `sort` the cursor that a Link had.',
    schema: { type: 'string' },
  },
  {
    name: 'sort',
    in: 'query',
    description:
      'Up to 4 paths with commas between them, each with - in front to descend. The _id decides last. It needs a limit, or an index on its first path (setting `INDEXES`).',
    schema: { type: 'string' },
    example: '-population,name.common',
  },
  {
    name: 'fields',
    in: 'query',
    description: 'The members to show, paths with commas between them. The _id is always there.',
    schema: { type: 'string' },
    example: 'name,population',
  },
] as const
