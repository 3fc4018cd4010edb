// The fields in which a visitor asks for some of the documents, in some order.

import { operatorNames } from '../query/operators.ts'
import { visibleText } from '../shown-text.ts'
import { around, faultMarks } from './document-field.ts'
import { type Html, html } from './html.ts'
import { isQueryFault, type ListQuery, type QueryFault } from './list-query.ts'

/** A form that leads to an address with what is asked for; open if something is. */
export function queryFields(asked: ListQuery | undefined): Html {
  const fault = asked && isQueryFault(asked.meaning) ? asked.meaning : undefined
  return html`<details class="ask"${asked && html` open`}>
<summary class="button">Filter and sort</summary>
<form method="get" action="/" class="document" role="search" aria-label="Documents">
${fault && faultOf(fault, asked?.[fault.field] ?? '')}
<div class="fields">
${field('where', 'Filter', 'region:eq=Europe', asked, fault)}
${field('sort', 'Sort by', '-population,name.common', asked, fault)}
</div>
<div class="actions"><button class="primary">Show</button>
${asked && html`<a href="/">All documents</a>`}
<p class="hint">A condition is <code>path:operator=value</code>, the next one follows a <code>&amp;</code>. Operators: ${operatorNames.join(', ')}. To sort downwards put <code>-</code> before the path.</p></div>
</form>
</details>`
}

function field(
  name: QueryFault['field'],
  label: string,
  example: string,
  asked: ListQuery | undefined,
  fault: QueryFault | undefined,
): Html {
  const marks = fault?.field === name && faultMarks(fault.start, fault.end - fault.start)
  return html`<div><label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${asked?.[name]}" placeholder="${example}" autocapitalize="off" autocomplete="off" spellcheck="false"${marks}></div>`
}

function faultOf({ problem, start, end }: QueryFault, text: string): Html {
  const part = (from: number, to: number) => visibleText(text.slice(from, to).toWellFormed())
  const last = Math.min(end, start + around)
  return html`<div id="fault" class="fault" role="alert"><p>${visibleText(problem.message)}</p>
<pre><bdi>${part(Math.max(start - around, 0), start)}</bdi><mark>${part(start, last)}</mark><bdi>${part(last, last + around)}</bdi></pre></div>`
}
