// GET /page/newest: the list alone, which an open page asks for again and again.
import { hostname } from 'node:os'
import type { AccessScope } from '../http/access.ts'
import type { Exchange } from '../http/exchange.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { documentList, listTag } from './document-list.ts'
import { newestPage } from './newest.ts'
import { sendTagged } from './send-page.ts'

/** Answers with the list, or 304 where none of its documents has changed. */
export function liveListHandler(store: DocumentStore, scope: AccessScope | undefined) {
  return async (exchange: Exchange): Promise<void> => {
    const page = await newestPage(store, exchange)
    // The header may hold only visible ASCII; so does every name of a pod.
    const headers = ['X-Served-By', hostname().replace(/[^\x21-\x7e]/g, '?')]
    await sendTagged(
      exchange,
      listTag(page),
      () => documentList(page, scope === undefined).markup,
      headers,
    )
  }
}
