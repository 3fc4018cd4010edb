// The text area for a document, with the fault of its text shown at its place.
import { nextPiece } from '../fair-turns.ts'
import { type Problem, problems } from '../http/problem.ts'
import { type Place, placeOf } from './fault-place.ts'
import { type Html, html, shortened } from './html.ts'

// Characters shown on each side of the fault.
const around = 60
// Characters that are worked on in less than 0.5 ms.
const longText = 16 * 1024

export interface Field {
  readonly label: string
  readonly text: string
  readonly problem?: Problem | undefined
  /** Shown where there is no text yet. */
  readonly example?: string
}

/** The text area, and above it what is wrong with the text. */
export async function documentField({ label, text, problem, example }: Field): Promise<Html> {
  const place = problem && (await placeOf(problem, text))
  // To escape the longest text of a form takes 4 ms.
  if (text.length > longText) await nextPiece()
  const rows = Math.max(linesOf(text, 29) + 1, 6)
  const marks = place
    ? html` aria-invalid="true" aria-describedby="fault" data-fault="${place.offset}" autofocus`
    : html``
  // The parser drops the first line break of a text area, so that one is added for it to drop.
  return html`${problem ? html`<div id="fault">${faultOf(problem, place, text)}</div>` : html``}
<label for="document">${label}</label>
<textarea id="document" name="document" rows="${rows}" spellcheck="false" autocapitalize="off" autocomplete="off" required${example === undefined ? html`` : html` placeholder="${example}"`}${marks}>
${text}</textarea>`
}

/** How many lines the text has, but at most so many. */
function linesOf(text: string, most: number): number {
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0 && count < most; at = text.indexOf('\n', at + 1))
    count++
  return count
}

/** What is wrong, for people: the words of the API, the place, and the line with a mark in it. */
export const faultOf = (problem: Problem, place?: Place, text = ''): Html => html`
<div class="fault" role="alert">
<p><strong>${problems[problem.code][1]}.</strong> ${problem.message}</p>
${place ? excerpt(place, text) : html``}
</div>`

function excerpt({ offset, line, column, pointer }: Place, text: string): Html {
  const start = Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - around)
  const lineEnd = text.indexOf('\n', offset)
  const end = Math.min(lineEnd < 0 ? text.length : lineEnd, offset + around)
  const width = /^"(?:[^"\\\n]|\\.)*"/.exec(text.slice(offset, end))?.[0].length ?? 1
  const faulty = text.slice(offset, Math.min(offset + width, end))
  const where = pointer ? html` at <code>${shortened(pointer)}</code>` : html``
  return html`<p>Line ${line}, column ${column}${where}:</p>
<pre><span class="number">${line}</span> ${text.slice(start, offset)}<mark>${faulty === '' ? ' ' : faulty}</mark>${text.slice(offset + faulty.length, end)}</pre>`
}
