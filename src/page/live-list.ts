// GET /page/newest: the list alone, which an open page asks for again and again.
import { hostname } from 'node:os'
import type { AccessScope } from '../http/access.ts'
import type { Exchange } from '../http/exchange.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { listPositionBefore } from './addresses.ts'
import { documentList, listEntityTag } from './document-list.ts'
import { originOf } from './home.ts'
import { newestPage } from './newest.ts'
import { makePage, sendTagged } from './send-page.ts'

// Milliseconds. To count 100,000 documents takes 4, and every open page asks.
const countAge = 2000

/** Answers with the list, or 304 where none of its documents has changed. */
export function liveListHandler(store: DocumentStore, scope: AccessScope | undefined) {
  // The header may hold only visible ASCII; so does every name of a pod.
  const headers = { 'X-Served-By': hostname().replace(/[^\x21-\x7e]/g, '?') }
  return (exchange: Exchange): Promise<void> =>
    makePage(exchange, async () => {
      const page = await newestPage(store, exchange, countAge)
      const place = listPositionBefore(page.before)
      const options = { forms: scope === undefined, origin: originOf(exchange), place }
      const markup = async () => (await documentList(page, options)).markup
      await sendTagged(exchange, listEntityTag(page), markup, headers)
    })
}
