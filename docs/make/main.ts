// npm run docs: makes the parts of the documents that come from code. --check only says which are old.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readOrEnd } from '../../command-line/read-options.ts'
import { alertsRunbook } from './alerts-runbook.ts'
import { everywhere, operations, schemas } from './api-reference.ts'
import { describeService } from './described-service.ts'
import { exitCodeRunbook } from './exit-code-runbook.ts'
import { withParts } from './generated-parts.ts'
import { httpCollection } from './http-collection.ts'
import { problemRunbook } from './problem-runbook.ts'
import { metricsTable, optionsTable, settingsTable } from './tables.ts'

const ofData = (path: string) => path.startsWith('/data')

/** The made parts of each document. */
async function madeParts(): Promise<Record<string, Record<string, string>>> {
  const { openApi, metrics } = await describeService()
  return {
    'docs/api.md': {
      everywhere: everywhere(openApi),
      documents: operations(openApi, ofData),
      'the service itself': operations(openApi, (path) => !ofData(path)),
      schemas: schemas(openApi),
    },
    'docs/operations.md': {
      settings: settingsTable(),
      options: optionsTable(),
      metrics: metricsTable(metrics),
      alerts: alertsRunbook(),
      'exit codes': exitCodeRunbook(),
      'problem codes': problemRunbook(),
    },
  }
}

const usage = `npm run docs '--' [--check]

  --check  writes nothing, names each document that is old, and ends with 1 then
`

const check = readOrEnd({ script: 'docs', values: [], flags: ['check'] }, usage).flags.has('check')
const made = new Map<string, string>()
for (const [file, parts] of Object.entries(await madeParts())) {
  made.set(file, withParts(readFileSync(file, 'utf8'), parts))
}
made.set('docs/ask.http', httpCollection(made.get('docs/api.md') ?? '', 'Ask'))
for (const [file, after] of made) {
  if (existsSync(file) && readFileSync(file, 'utf8') === after) continue
  if (check) {
    process.stderr.write(`${file} is out of date: run npm run docs\n`)
    process.exitCode = 1
  } else {
    writeFileSync(file, after)
    process.stdout.write(`${file}\n`)
  }
}
