// The addresses of the page: of a document, of the question before its removal, of its place in the list.

/**
 * A page of the list, as the query of its address: `before=ada` or `where=born:lt=1900&after=...`; empty for the
 * page of the newest.
 */
export type ListPosition = string

/** What an address says of the place in the list. */
export const positionParameters = ['before', 'where', 'sort', 'after'] as const

// Characters. Each card of a page has it three times.
const longestPlace = 4096

/** The place with these parts, those that are empty left out. A very long one is that of the newest. */
export function listPosition(
  part: (name: (typeof positionParameters)[number]) => string | null | undefined,
): ListPosition {
  const parts = positionParameters.flatMap((name) => {
    const value = part(name) ?? ''
    return value === '' ? [] : [`${name}=${encodeURIComponent(value).replaceAll('%3A', ':')}`]
  })
  const place = parts.join('&')
  return place.length > longestPlace ? '' : place
}

/** The page of the newest documents that begins before this id. */
export const listPositionBefore = (before: string | undefined): ListPosition =>
  listPosition((name) => (name === 'before' ? before : undefined))

const asQuery = (place: ListPosition) => (place === '' ? '' : `?${place}`)

/** The page of the list, from its heading on. */
export const listAddress = (place: ListPosition): string => `/${asQuery(place)}#list`

/** The page that shows one document and lets people change it. `place`: where in the list it is. */
export const documentAddress = (id: string, place: ListPosition = ''): string =>
  `/page/documents/${encodeURIComponent(id)}${asQuery(place)}`

/** The page that asks before it removes the document. */
export const removalAddress = (id: string, place: ListPosition = ''): string =>
  `/page/removals/${encodeURIComponent(id)}${asQuery(place)}`

/** The JSON of the document. */
export const dataPath = (id: string): string => `/data/${encodeURIComponent(id)}`

/** The `id` of the document's card: a browser looks for a fragment as it is first, and then decoded. */
export const anchorOf = (id: string): string => `at-${encodeURIComponent(id)}`

/** The document's place in the list. */
export const cardAddress = (id: string, place: ListPosition): string =>
  `/${asQuery(place)}#${anchorOf(id)}`

/** The list after the document was added, saved or removed, at its place. */
export const addressAfterChange = (
  done: 'added' | 'saved' | 'removed',
  id: string,
  place: ListPosition,
): string => `/?${place}${place === '' ? '' : '&'}${done}=${encodeURIComponent(id)}#${anchorOf(id)}`
