// Objects to YAML that every parser reads alike, whichever its version of YAML.
import { Document, visit } from 'yaml'

// kubectl's parser is YAML 1.1 with its own additions (it reads 1e3 as a number, which 1.1 does not),
// newer ones are 1.2. A string stays bare only if no version could take it for anything else.
const bare = /^[A-Za-z/](?:[\w./@ -]|:(?! ))*(?<![ :])$/
const quantity = /^\d+(?:m|[KMGT]i)$/
const reserved = /^(?:y|n|yes|no|on|off|true|false|null)$/i

// YAML 1.1 folds these like a line's end even between quotes; kubectl makes a space of U+0085.
const lineBreaks = /[\u0085\u2028\u2029]/g

/** One YAML text of several documents; the same objects always give the same bytes. */
export function toYaml(objects: readonly object[]): string {
  return objects.map(toDocument).join('---\n')
}

function toDocument(object: object): string {
  // Without aliasDuplicateObjects: false a label set used twice is written as &a1 and *a1.
  const document = new Document(object, { version: '1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_key, node) {
      const { value } = node
      if (typeof value !== 'string') return
      const safe = quantity.test(value) || (bare.test(value) && !reserved.test(value))
      // Several lines are a block, in which nothing means anything but itself.
      const block = value.includes('\n') && value.search(lineBreaks) < 0
      if (!safe && !block) node.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 0 }).replaceAll(lineBreaks, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
