// POST /page/documents: the form that adds a document.
import { DocumentParser } from '../codec/document-parser.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import { insertProblem, orTextProblem } from '../documents/store-problem.ts'
import type { BodyLimits } from '../http/body.ts'
import { type Exchange, sendEmpty } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { addressAfterChange } from './addresses.ts'
import { documentText, withForm } from './form.ts'
import { listOrProblem, originOf } from './home.ts'
import { homePage } from './home-page.ts'
import { makePage, sendPage } from './send-page.ts'

/** Adds the document and leads back to the page; a fault shows the page with the text as it was. */
export function addHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  return (exchange: Exchange): Promise<void> =>
    withForm(exchange, limits, ['document'], async (fields) => {
      const text = documentText(fields)
      try {
        const id = await insert(store, await documentOf(parser, text))
        // 303: the browser gets the page with GET, and a reload does not add the document again.
        sendEmpty(exchange, 303, { Location: addressAfterChange('added', id, '') })
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        exchange.code = problem.code
        await makePage(exchange, async () => {
          const list = await listOrProblem(store, exchange)
          const origin = originOf(exchange)
          const page = () => homePage({ store, origin, list, draft: { text, problem } })
          await sendPage(exchange, problem.status, page, problem.headers)
        })
      }
    })
}

async function documentOf(parser: DocumentParser, text: string): Promise<EncodedDocument> {
  const parsed = await orTextProblem(parser.parseBody(Buffer.from(text)))
  if (parsed.kind === 'one') return parsed.document
  const detail = 'This form takes one document. POST /data takes an array of them.'
  throw new Problem('not_an_object', detail, { pointer: '' })
}

async function insert(store: DocumentStore, document: EncodedDocument): Promise<string> {
  const [result] = await store.insert([document])
  if (result?.ok) return document.id
  const problem = result
    ? insertProblem(document.id, result)
    : new Error('the store gave no result')
  if (!(problem instanceof Problem) || problem.code !== 'duplicate_id') throw problem
  const detail = `${problem.message} Choose another _id, or open that document and edit it.`
  throw new Problem(problem.code, detail, { pointer: '/_id' })
}
