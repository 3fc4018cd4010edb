// The table of the options of manifests.ts, from their one table.
import { defaultOf, optionRows } from '../../manifests/option-table.ts'
import { table } from './generated-parts.ts'

/** The table: option, meaning, default, cost. */
export const optionsTable = (): string =>
  table(
    ['option', 'meaning', 'default', 'what it costs'],
    optionRows().map(([name, row]) => [
      `\`${`--${name} ${row.value}`.trimEnd()}\``,
      row.more === undefined ? row.meaning : `${row.meaning.replace(/:$/, '')}: \`${row.more}\``,
      defaultOf(row),
      row.cost,
    ]),
  )
