// The rows of the route table for /data, each with what /openapi.json says of it.
import type { BodyLimits } from '../http/body.ts'
import type { ProblemCode } from '../http/problem.ts'
import type { Route } from '../http/route.ts'
import { jsonPatchType, mergePatchType } from '../patch/patch-document.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { insertHandler } from './insert.ts'
import { listHandler } from './list.ts'
import { ndjson } from './ndjson.ts'
import { getHandler, removeHandler, replaceHandler } from './one-document.ts'
import {
  headerParameter,
  idempotencyKey,
  idParameter,
  ifMatch,
  prefer,
  preferCount,
  queryParameter,
  queryParameters,
} from './parameters.ts'
import { patchHandler, patchTypes } from './patch.ts'
import { queryHandler } from './query.ts'
import { contentOf, jsonAnswer, schemaReference, textHeader } from './schemas.ts'

const application = 'application/json'
const tags = ['documents']
const etag = { ETag: textHeader('Strong entity tag.') }
const location = { Location: textHeader('The address of the document.') }
// biome-ignore format: by kind, some in a line
const bodyProblems: readonly ProblemCode[] = [
  'invalid_json', 'invalid_utf8', 'length_required', 'body_too_large',
  'unsupported_media_type', 'request_timeout', 'not_an_object', 'number_not_exact',
  'key_not_allowed', 'duplicate_key', 'lone_surrogate', 'too_deep',
  'document_too_large', 'invalid_id', 'refused_by_store', 'duplicate_value', 'overloaded', 'store_full',
]
// What writes of one document may run into besides, and reads.
// biome-ignore format: by kind, some in a line
const writeProblems: readonly ProblemCode[] = [
  'invalid_path', 'precondition_failed', 'not_acceptable', 'store_unavailable',
]
const readProblems = ['not_acceptable', 'store_unavailable', 'overloaded'] as const
const patchProblems = ['invalid_patch', 'patch_test_failed', 'patch_not_possible'] as const
const document = schemaReference('Document')
const written = schemaReference('Written')
const manyWritten = schemaReference('ManyWritten')
const manyOrOne = { oneOf: [written, manyWritten] }
const bodyOf = (schemas: Readonly<Record<string, object>>) => ({
  required: true,
  content: contentOf(schemas),
})
const ifNoneMatch = headerParameter('If-None-Match', 'Only if it has another entity tag.')

const listed = {
  200: {
    description: 'The documents.',
    headers: {
      Link: textHeader('The next page, with rel="next".'),
      'X-Total-Count': textHeader('How many there are, if `Prefer: count=exact` asks for it.'),
      'Preference-Applied': textHeader('The preference that was followed.'),
    },
    content: contentOf({
      [application]: { type: 'array', items: schemaReference('StoredDocument') },
      [ndjson]: { type: 'string' },
    }),
  },
}

/** The routes of the documents in this store. */
export function documentRoutes(store: DocumentStore, limits: BodyLimits): Route[] {
  return [
    {
      method: 'GET',
      path: '/data',
      produces: [application, ndjson],
      handle: listHandler(store),
      operation: {
        tags,
        operationId: 'listDocuments',
        summary: 'Every document, oldest first, or those that a query means',
        description:
          'Streamed. Without `sort` in the order of _id: ids that clients chose by their bytes, then assigned ids by time, and others where MongoDB has them. A page may be short and still have a next one: the Link header says so. 503 `overloaded` if too many answers wait for clients that read slowly; the connection of one that has taken nothing for 5 s may be cut then.',
        parameters: [...queryParameters, preferCount],
        responses: listed,
        problems: ['invalid_query', 'index_needed', ...readProblems],
      },
    },
    {
      method: 'POST',
      path: '/data',
      produces: [application],
      handle: insertHandler(store, limits),
      operation: {
        tags,
        operationId: 'insertDocuments',
        summary: 'Inserts one document, an array of them, or NDJSON of any size',
        description:
          'Each document has its own result: one that fails does not stop the others. Without an _id it gets one. One document is answered with `Written`, many with `ManyWritten`.',
        parameters: [prefer, idempotencyKey],
        requestBody: bodyOf({
          [application]: { oneOf: [document, { type: 'array', items: document }] },
          [ndjson]: { type: 'string' },
        }),
        responses: {
          200: jsonAnswer(
            'Nothing new: all of it is there already, or there was nothing.',
            manyOrOne,
          ),
          201: jsonAnswer('All of it was inserted.', manyOrOne, location),
          207: jsonAnswer('Some were inserted; `errors` says which were not.', manyWritten),
        },
        // biome-ignore format: by kind, some in a line
        problems: [
          ...bodyProblems,
          'duplicate_id', 'invalid_idempotency_key', 'idempotency_key_reused',
          'not_acceptable', 'store_unavailable',
        ],
      },
    },
    {
      method: 'QUERY',
      path: '/data',
      produces: [application, ndjson],
      accepts: [application],
      handle: queryHandler(store, limits),
      operation: {
        tags,
        operationId: 'queryDocuments',
        summary: 'The documents that a query in the body means',
        description:
          'As GET with conditions, and literal: `{"where": ["or", ["eq", "region", "Asia"], ["gt", "area", 5]], "sort": ["-area"], "fields": ["name"], "limit": 100}`. `where` is `[operator, path, value]`, or `and`, `or` and `not` followed by conditions. A path may be a list of keys. For the next page send the same body to the address of the Link.',
        parameters: [
          queryParameter('after', 'In place of `after` in the body: the address of a Link has it.'),
          preferCount,
        ],
        requestBody: bodyOf({ [application]: schemaReference('Query') }),
        responses: listed,
        // biome-ignore format: by kind, some in a line
        problems: [
          'invalid_query', 'index_needed', 'not_acceptable', 'overloaded',
          'invalid_json', 'invalid_utf8', 'length_required', 'body_too_large',
          'unsupported_media_type', 'request_timeout', 'store_unavailable',
        ],
      },
    },
    {
      method: 'GET',
      path: '/data/{id}',
      produces: [application],
      handle: getHandler(store),
      operation: {
        tags,
        operationId: 'getDocument',
        summary: 'One document',
        description:
          'Equal in value to what was sent, its members in their order, its _id in front.',
        parameters: [
          idParameter,
          ifMatch,
          headerParameter('If-None-Match', '304 if the document still has this entity tag.'),
        ],
        responses: {
          200: jsonAnswer('The document.', schemaReference('StoredDocument'), etag),
          304: { description: 'The client has this document already.', headers: etag },
        },
        problems: ['not_found', 'invalid_path', 'precondition_failed', ...readProblems],
      },
    },
    {
      method: 'PUT',
      path: '/data/{id}',
      produces: [application],
      handle: replaceHandler(store, limits),
      operation: {
        tags,
        operationId: 'replaceDocument',
        summary: 'Puts a document at this _id',
        description:
          'Whether there was one or not, unless a condition says otherwise. It may come without its _id.',
        parameters: [
          idParameter,
          ifMatch,
          headerParameter('If-None-Match', '`*`: only if there is no such document yet.'),
        ],
        requestBody: bodyOf({ [application]: document }),
        responses: {
          200: jsonAnswer('It replaced the one that was there.', written, etag),
          201: jsonAnswer('There was none.', written, { ...etag, ...location }),
        },
        problems: [...bodyProblems, ...writeProblems],
      },
    },
    {
      method: 'PATCH',
      path: '/data/{id}',
      produces: [application],
      accepts: patchTypes,
      handle: patchHandler(store, limits),
      operation: {
        tags,
        operationId: 'patchDocument',
        summary: 'Changes a part of a document',
        description:
          'By a merge patch (RFC 7396), in which null removes a member, or a JSON Patch (RFC 6902), which is applied completely or not at all. Nothing that others write meanwhile is lost, with If-Match or without. The order of members and 64-bit integers stay.',
        parameters: [idParameter, ifMatch, ifNoneMatch],
        requestBody: bodyOf({
          [mergePatchType]: { type: 'object', additionalProperties: true },
          [jsonPatchType]: schemaReference('JsonPatch'),
        }),
        responses: { 200: jsonAnswer('It is changed.', written, etag) },
        problems: [...bodyProblems, ...patchProblems, 'not_found', ...writeProblems],
      },
    },
    {
      method: 'DELETE',
      path: '/data/{id}',
      produces: [application],
      lenient: true,
      handle: removeHandler(store),
      operation: {
        tags,
        operationId: 'removeDocument',
        summary: 'Removes a document',
        description: 'At once, and for good.',
        parameters: [idParameter, ifMatch, ifNoneMatch],
        responses: { 204: { description: 'Removed.' } },
        // biome-ignore format: by kind, some in a line
        problems: [
          'refused_by_store', 'not_found', 'invalid_path', 'precondition_failed',
          'overloaded', 'store_unavailable', 'store_full',
        ],
      },
    },
  ]
}
