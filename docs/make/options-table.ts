// The table of the options of manifests.ts, from the texts of its --help.
import { optionTexts } from '../../manifests/option-texts.ts'
import { table } from './generated-parts.ts'

/** The table: option, meaning, default, cost. */
export const optionsTable = (): string =>
  table(
    ['option', 'meaning', 'default', 'what it costs'],
    Object.entries(optionTexts).map(([name, { value, meaning, fallback = '', more, cost }]) => [
      `\`${value === '' ? `--${name}` : `--${name} ${value}`}\``,
      more === undefined ? meaning : `${meaning.replace(/:$/, '')}: \`${more}\``,
      fallback,
      cost,
    ]),
  )
