// GET / and GET /page/newest: the page, its list alone, and one line of text for anything but a browser.

import { hostname } from 'node:os'
import { idFromPath } from '../codec/document-id.ts'
import { orStoreProblem } from '../documents/store-problem.ts'
import type { AccessScope } from '../http/access.ts'
import { requestHost } from '../http/allowed-hosts.ts'
import { type Exchange, send } from '../http/exchange.ts'
import { orProblem, Problem } from '../http/problem.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { listPosition, listPositionBefore } from './addresses.ts'
import { formatUtc } from './clock.ts'
import { documentList, listEntityTag } from './document-list.ts'
import { type Home, homePage, type Listed } from './home-page.ts'
import { isQueryFault, type ListQuery, parseListQuery } from './list-query.ts'
import { type NewestPage, newestPage } from './newest.ts'
import { type MatchResults, readMatches } from './read-matches.ts'
import { htmlType, makePage, sendPage, sendTagged } from './send-page.ts'

export const textType = 'text/plain; charset=utf-8'

/** Answers with the page or the line, as the Accept header asks. */
export function homeHandler(store: DocumentStore, scope: AccessScope | undefined) {
  const page = async (exchange: Exchange): Promise<void> => {
    const origin = originOf(exchange)
    const send = (home: Partial<Home> = {}, status = 200, headers: AnswerHeaders = {}) =>
      sendPage(exchange, status, () => homePage({ store, origin, scope, ...home }), headers)
    if (scope === 'all') return send()
    const asked = parseListQuery(exchange.query)
    const place = listPosition((name) => exchange.query.get(name))
    if (asked && isQueryFault(asked.meaning)) {
      exchange.code = asked.meaning.problem.code
      return send({ asked }, asked.meaning.problem.status)
    }
    if (exchange.request.method === 'HEAD') {
      await orStoreProblem(store.ping())
      return send()
    }
    const list = await listOrProblem(store, exchange, asked)
    // Without its store there still is a page: the time, the form, and what is wrong.
    if (list instanceof Problem) {
      exchange.code = list.code
      return send({ asked, list }, list.status, list.headers)
    }
    const named = scope === undefined ? await namedIn(exchange.query, list) : undefined
    await send({ asked, list, named, place })
  }

  const namedIn = async (query: URLSearchParams, { documents }: NewestPage | MatchResults) => {
    const named = query.get('added') ?? query.get('saved') ?? query.get('removed')
    if (named === null) return undefined
    const id = idFromPath(named)
    const isListed = documents.some((document) => document.id === id)
    const isThere = isListed || (await orStoreProblem(store.read(id, (bson) => bson !== undefined)))
    return { id, isThere, isListed }
  }

  const line = (exchange: Exchange) =>
    send(exchange, 200, `${formatUtc(new Date())}\n`, lineHeaders)
  return (exchange: Exchange) =>
    exchange.mediaType === htmlType ? makePage(exchange, () => page(exchange)) : line(exchange)
}

const lineHeaders = { Vary: 'Accept', 'Cache-Control': 'no-store' }

/** The address at which the client reaches the service, for commands that people copy. */
export function originOf({ request }: Exchange): string {
  const host = requestHost(request) ?? ''
  const isSecure = request.headers['x-forwarded-proto'] === 'https'
  const known = /^[\w.:[\]-]{1,100}$/.test(host) ? host : 'localhost:5000'
  return `${isSecure ? 'https' : 'http'}://${known}`
}

/** The documents that are asked for, or the newest, or why they cannot be read. */
export const listOrProblem = (
  store: DocumentStore,
  exchange: Exchange,
  asked?: ListQuery,
): Promise<Listed> =>
  orProblem<NewestPage | MatchResults>(
    asked && !isQueryFault(asked.meaning)
      ? readMatches(store, exchange, asked.meaning)
      : newestPage(store, exchange),
  )

// Milliseconds. To count 100,000 documents takes 4, and every open page asks.
const countAge = 2000

/** Answers with the list, or 304 if none of its documents has changed. */
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
