// The documents that every peer gets: 1 kB of what people store, the same for all.

// wrk puts a number of its own in its place; as many digits, so that the length stays.
const placeOfNumber = '0000000000'

/** The JSON text of a document of 1,024 bytes, with ten digits that tell it from the others. */
export function documentText(number?: number): string {
  const text = (bio: string) =>
    JSON.stringify({
      number: number === undefined ? placeOfNumber : String(number).padStart(10, '0'),
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      born: 1815,
      height: 1.64,
      active: true,
      manager: null,
      address: { street: 'St James’s Square 12', city: 'London', postcode: 'SW1Y 4LB' },
      tags: ['mathematics', 'poetry', 'engines'],
      visits: [
        { year: 1833, place: 'Dorset Street', pages: [7, 12, 31] },
        { year: 1841, place: 'Ockham Park', pages: [2, 90] },
      ],
      bio,
    })
  const rest = 1024 - Buffer.byteLength(text(''))
  return text(
    'She wrote the first programme for a machine that was never built. '.repeat(20).slice(0, rest),
  )
}

/** An array of documents as JSON. */
export const arrayText = (count: number): string =>
  `[${Array.from({ length: count }, (_, index) => documentText(index)).join(',')}]`

/** Documents a line, numbered from `first`. */
export const linesText = (first: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `${documentText(first + index)}\n`).join('')
