// The table of settings, from the texts that the service itself has for them.
import { settings } from '../../src/config.ts'
import { table } from './generated-parts.ts'

/** The table: name, meaning, default. */
export const settingsTable = (): string =>
  table(
    ['name', 'meaning', 'default'],
    Object.entries(settings).map(([name, text]) => {
      // A text ends with its default in brackets, where there is one.
      const [, meaning = text, fallback = ''] = /^(.*?)(?: \(([^()]*)\))?$/.exec(text) ?? []
      return [`\`${name}\``, meaning, fallback]
    }),
  )
