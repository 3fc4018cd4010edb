// The text area for a document, with the fault of its text shown at its place.
import { leadingToken } from '../codec/syntax-refusal.ts'
import { nextPiece } from '../fair-turns.ts'
import { type Problem, problems } from '../http/problem.ts'
import { visibleText } from '../shown-text.ts'
import { type FaultPlace, findFaultPlace } from './fault-place.ts'
import { abbreviateText, type Html, html } from './html.ts'

/** Characters shown on each side of a fault. */
export const around = 60
// Characters that take less than 0.5 ms.
const longText = 16 * 1024

interface Field {
  readonly label: string
  readonly text: string
  readonly problem?: Problem | undefined
  /** Shown while there is no text. */
  readonly example?: string
  /** Whether the text is stored nowhere: the browser asks before it leaves. */
  readonly isUnsaved?: boolean
}

/** The text area, and above it what is wrong with the text. */
export async function documentField(field: Field): Promise<Html> {
  const { label, text, problem, example, isUnsaved } = field
  const place = problem && (await findFaultPlace(problem, text))
  // To escape the longest text of a form takes 4 ms.
  if (text.length > longText) await nextPiece()
  const rows = Math.max(linesOf(text, 29) + 1, 6)
  const marks = place && faultMarks(place.offset, wordIn(text, place).length)
  // The HTML parser drops the first line break of a text area, so one is added for it to drop.
  return html`${problem && html`<div id="fault">${renderFault(problem, place, text)}</div>`}
<label for="document">${label}</label>
<textarea id="document" name="document" rows="${rows}" spellcheck="false" autocapitalize="off" aria-keyshortcuts="Control+Enter Meta+Enter" required${isUnsaved && html` data-unsaved`}${example !== undefined && html` placeholder="${example}"`}${marks}>
${text}</textarea>`
}

/** The attributes of a field whose text is wrong here. */
export const faultMarks = (offset: number, length: number): Html =>
  html` aria-invalid="true" aria-describedby="fault" data-fault="${offset}" data-word="${length}" autofocus`

/** How many lines the text has, up to a limit. */
function linesOf(text: string, most: number): number {
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0 && count < most; at = text.indexOf('\n', at + 1))
    count++
  return count
}

/** What is wrong, for people: the place, the words of the API, and the line with a mark in it. */
export const renderFault = (problem: Problem, place?: FaultPlace, text = ''): Html => html`
<div class="fault" role="alert">
<p>${place ? placedWords(problem, place) : html`<strong>${problems[problem.code][1]}.</strong> ${visibleText(problem.message)}`}</p>
${place && excerpt(place, text)}
</div>`

// The API gives the place of text that is not JSON as line and column, and any other as a pointer.
function placedWords({ message }: Problem, { line, column, pointer }: FaultPlace): Html {
  const [, remedy, reason] = /^(Line .*?\.) (Expected .*)$/s.exec(visibleText(message)) ?? []
  if (remedy !== undefined) return html`<strong>${remedy}</strong> ${reason}`
  const at = pointer && html` at <code>${abbreviateText(pointer)}</code>`
  const prefix = `At ${pointer}: `
  const why = message.startsWith(prefix) ? message.slice(prefix.length) : message
  return html`<strong>Line ${line}, column ${column}${at}:</strong> ${visibleText(why)}`
}

function excerpt({ offset, line }: FaultPlace, text: string): Html {
  const start = Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - around)
  const lineEnd = text.indexOf('\n', offset)
  const end = Math.min(lineEnd < 0 ? text.length : lineEnd, offset + around)
  const word = wordIn(text, { offset }).slice(0, around)
  const after = text.slice(offset + word.length, end)
  // At the beginning of a line the cause is often at the end of the one before.
  const isFirst = start > 0 && text.slice(start, offset).trim() === ''
  const before = isFirst
    ? text.slice(Math.max(text.lastIndexOf('\n', start - 2) + 1, start - around), start - 1)
    : ''
  return html`<pre>${before !== '' && html`<span class="number">${line - 1}</span> <bdi>${visibleText(before)}</bdi>\n`}<span class="number">${line}</span> <bdi>${visibleText(text.slice(start, offset))}</bdi><mark>${visibleText(word) || ' '}</mark><bdi>${visibleText(after)}</bdi></pre>`
}

/** The wrong word, on its line. */
function wordIn(text: string, { offset }: Pick<FaultPlace, 'offset'>): string {
  const [line = ''] = /^[^\n]*/.exec(text.slice(offset, offset + 4 * around)) ?? []
  return line === '' ? '' : leadingToken(line)
}
