// The tables that are made from code: options of manifests.ts, settings and metrics of the service.
import { defaultOf, optionRows } from '../../manifests/option-table.ts'
import { describeSettings } from '../../src/settings.ts'
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

/** The table: name, meaning, default. */
export const settingsTable = (): string =>
  table(
    ['name', 'meaning', 'default'],
    describeSettings().map(([name, text, fallback]) => [`\`${name}\``, text, fallback]),
  )

/** The table: name, type, meaning. `text` is what /metrics answers. */
export function metricsTable(text: string): string {
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  )
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [
    `\`${name}\``,
    types.get(name) ?? '',
    help,
  ])
  return table(['name', 'type', 'meaning'], rows)
}
