// The addresses of the page: of a document, of the question before its removal, of its place in the list.

/** The query of a page of the list that begins before this id; of the first one it is empty. */
const place = (before: string | undefined) =>
  before === undefined ? '' : `?before=${encodeURIComponent(before)}`

/** The page that shows one document and lets people change it. `before`: the page of the list it is on. */
export const documentPage = (id: string, before?: string): string =>
  `/page/documents/${encodeURIComponent(id)}${place(before)}`

/** The page that asks before it removes the document. */
export const removalPage = (id: string, before?: string): string =>
  `/page/removals/${encodeURIComponent(id)}${place(before)}`

/** The JSON of the document. */
export const dataPath = (id: string): string => `/data/${encodeURIComponent(id)}`

/** The `id` of the document's card: a browser looks for a fragment as it is first, and then decoded. */
export const anchorOf = (id: string): string => `at-${encodeURIComponent(id)}`

/** The document's place in the list. */
export const listPlace = (id: string, before: string | undefined): string =>
  `/${place(before)}#${anchorOf(id)}`

/** The list after the document was added, saved or removed, at its place. */
export const listAfter = (
  done: 'added' | 'saved' | 'removed',
  id: string,
  before: string | undefined,
): string =>
  `/${place(before) || '?'}${before === undefined ? '' : '&'}${done}=${encodeURIComponent(id)}#${anchorOf(id)}`
