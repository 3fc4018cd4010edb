// The addresses of the page: of a document, of the question before its removal, of its place in the list.

/**
 * A page of the list, as the query of its address: `before=ada` or `where=born:lt=1900&after=...`; empty for the
 * newest.
 */
export type ListPosition = string

/** The parameters of an address that say which part of the list it shows. */
export const positionParameters = ['before', 'where', 'sort', 'after'] as const

// Characters. Each card of a page has it three times.
const longestPlace = 4096

/** The position with these parts, without the empty ones. A very long one becomes that of the newest. */
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

/** The address of a page of the list, at its heading. */
export const listAddress = (place: ListPosition): string => `/${asQuery(place)}#list`

/** The address of the page on which a document is edited. `place`: its page of the list. */
export const documentAddress = (id: string, place: ListPosition = ''): string =>
  `/page/documents/${encodeURIComponent(id)}${asQuery(place)}`

/** The address of the page that asks before it removes the document. */
export const removalAddress = (id: string, place: ListPosition = ''): string =>
  `/page/removals/${encodeURIComponent(id)}${asQuery(place)}`

/** The address of the document's JSON. */
export const dataPath = (id: string): string => `/data/${encodeURIComponent(id)}`

/** The `id` of the document's card: a browser looks for a fragment first as it is, then decoded. */
export const anchorOf = (id: string): string => `at-${encodeURIComponent(id)}`

/** The address of the document's card in the list. */
export const cardAddress = (id: string, place: ListPosition): string =>
  `/${asQuery(place)}#${anchorOf(id)}`

/** The address of the list, at the card of the document that was added, saved or removed. */
export const addressAfterChange = (
  done: 'added' | 'saved' | 'removed',
  id: string,
  place: ListPosition,
): string => `/?${place}${place === '' ? '' : '&'}${done}=${encodeURIComponent(id)}#${anchorOf(id)}`
