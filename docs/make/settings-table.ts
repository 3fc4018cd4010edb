// The table of settings, from the one that the service itself reads.
import { describeSettings } from '../../src/settings.ts'
import { table } from './generated-parts.ts'

/** The table: name, meaning, default. */
export const settingsTable = (): string =>
  table(
    ['name', 'meaning', 'default'],
    describeSettings().map(([name, text, fallback]) => [`\`${name}\``, text, fallback]),
  )
