// Patches whose objects or whose time nobody counts: they take large documents apart.
import type { Client } from '../../../support/client.ts'
import type { CostAttack } from './attack.ts'
import { again } from './clients.ts'
import { indexedPaths, manyEntries } from './indexed.ts'
import { joined, MiB, withBody } from './requests.ts'
import { put } from './seeds.ts'

const jsonPatch = 'application/json-patch+json'
const mergePatch = 'application/merge-patch+json'
const ids = Array.from({ length: 20 }, (_, n) => `large-${n}`)
const ones = `{"a":[${'1,'.repeat(400_000)}1]}`
const patch = (type: string, id: string, body: string) =>
  withBody('PATCH', `/data/${id}`, type, body)

async function seedNumbers(api: Client): Promise<void> {
  for (const id of ids) await put(api, id, ones)
}

/** The same operation, as often as a patch may have one. */
const operations = (operation: string) => `[${Array(1000).fill(operation).join()}]`
const inTurn = (body: string) => joined(...ids.map((id) => patch(jsonPatch, id, body)))

const oneNumber = '[{"op":"replace","path":"/a/0","value":2}]'
const onePatch = 'one client that patches one number in a document of 400,000'

export const costlyPatches: readonly CostAttack[] = [
  {
    name: 'patches of one number in documents of 400,000, twenty at once',
    bothStores: true,
    scansAs: onePatch,
    seed: seedNumbers,
    run: again(20, () => inTurn(oneNumber), ids.length),
  },
  {
    name: onePatch,
    seed: seedNumbers,
    run: again(1, () => patch(jsonPatch, 'large-0', oneNumber)),
  },
  {
    name: 'patches that insert at the start of long arrays, eight at once',
    seed: seedNumbers,
    run: again(8, () => inTurn(operations('{"op":"add","path":"/a/0","value":1}')), ids.length),
  },
  {
    name: 'patches that move the end of a long array to its start, eight at once',
    seed: seedNumbers,
    run: again(
      8,
      () => inTurn(operations('{"op":"move","from":"/a/9","path":"/a/0"}')),
      ids.length,
    ),
  },
  {
    name: 'patches that copy the document into itself, eight at once',
    seed: seedNumbers,
    run: again(8, () => inTurn(operations('{"op":"copy","from":"/a","path":"/a/0"}')), ids.length),
  },
  {
    name: 'patches of steps that lead nowhere, eight at once',
    seed: seedNumbers,
    run: again(
      8,
      () => inTurn(`[{"op":"add","path":"${'/a'.repeat(500_000)}","value":1}]`),
      ids.length,
    ),
  },
  {
    name: 'merge patches of 1 MiB of empty objects, eight at once',
    short: 'default limits',
    seed: seedNumbers,
    run: again(
      8,
      () => {
        let members = ''
        for (let n = 0; members.length < MiB - 200; n++) members += `"k${n}":{},`
        const body = `{${members}"a":null}`
        return joined(...ids.map((id) => patch(mergePatch, id, body)))
      },
      ids.length,
    ),
  },
  {
    name: 'patches of one member of one document, 32 at once',
    bothStores: true,
    short: 'default limits',
    seed: (api) => put(api, 'one', manyEntries(0)),
    run: again(32, () => patch(mergePatch, 'one', '{"n":1}')),
  },
  {
    name: 'patches of 1,600 index entries, 32 at once',
    settings: { INDEXES: indexedPaths.join() },
    seed: (api) => put(api, 'one', manyEntries(0)),
    run: again(
      32,
      () => joined(...[1, 2].map((from) => patch(mergePatch, 'one', manyEntries(from)))),
      2,
    ),
  },
]
