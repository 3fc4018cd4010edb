// The table of metrics, from what a service renders.
import { table } from './generated-parts.ts'

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
