// The alerts as a person reads them: what each means, what to do, and its PromQL.
import { type Alert, alerts } from '../../manifests/alerts.ts'

const chapter = ({ name, summary, runbook, expr, for: time }: Alert): string =>
  `#### ${name}

**${summary}** ${runbook}

\`\`\`promql
${expr}
\`\`\`
${time === '0m' ? '' : `\nFires after ${time}.\n`}`

const chaptersOf = (severity: Alert['severity']): string =>
  alerts
    .filter((alert) => alert.severity === severity)
    .map(chapter)
    .join('\n')

/** One heading for each alert, to which its link in Alertmanager leads. */
export const alertsRunbook = (): string => `### Worth waking up for

${chaptersOf('critical')}
### Worth a look in the morning

${chaptersOf('warning')}`
