// The BSON value that an id stands for.
import { type DocumentId, idText, isObjectId } from './document-id.ts'
import { kindOfExtended } from './extended-id.ts'
import { loadBson } from './extended-json.ts'
import { Refusal } from './refusal.ts'
import { idOfBson } from './stored-id.ts'

/**
 * The value of the _id. Whatever a client wrote into an address, it is a value and never an operator.
 * @throws Refusal where Extended JSON has a form without a value: a number that overflows, or one that is
 * not spelled as the canonical form has it
 */
export function idValue(id: DocumentId): unknown {
  if (isObjectId(id)) return new (loadBson().ObjectId)(id)
  if (kindOfExtended(id) === undefined) return idText(id)
  const value = parsed(id)
  const canonical = value === undefined ? undefined : idOfBson(loadBson().serialize({ _id: value }))
  if (canonical === id) return value
  const instead = canonical === undefined ? 'is no value' : `is to be written as ${canonical}`
  throw new Refusal('invalid_id', `As an _id ${id.slice(0, 100)} ${instead}.`)
}

function parsed(id: string): unknown {
  try {
    return inOrder(loadBson().EJSON.parse(markedKeys(id), { relaxed: false }))
  } catch {
    return undefined
  }
}

// As keys of a JavaScript object, those that are numbers would come first, and __proto__ not at all. So
// they are marked until the object is a Map.
const mark = '.'
const markedKeys = (json: string) =>
  json.replace(/"((?:[^"\\]|\\.)*)"(:?)/g, (token, key: string, colon: string) =>
    colon !== '' && /^(?:\d|__proto__$|\.)/.test(key) ? `"${mark}${key}":` : token,
  )

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return value // a type of the driver
  return new Map(
    Object.entries(value).map(([key, member]) => [
      key.startsWith(mark) ? key.slice(mark.length) : key,
      inOrder(member),
    ]),
  )
}
