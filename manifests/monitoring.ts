// monitoring.yaml: what Prometheus scrapes, the alerts, and a dashboard for Grafana. The first two are kinds of
// the Prometheus operator (monitoring.coreos.com), which must be in the cluster already.
import type { ConfigMap } from 'kubernetes-types/core/v1.js'
import type { LabelSelector, ObjectMeta } from 'kubernetes-types/meta/v1.js'
import { alerts } from './alerts.ts'
import { dashboard } from './dashboard.ts'
import * as names from './names.ts'
import type { BackupChoice } from './option-forms.ts'

/** What is used here of monitoring.coreos.com/v1; a test checks it against the definitions. */
interface PodMonitor {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'PodMonitor'
  metadata: ObjectMeta
  spec: {
    jobLabel: string
    selector: LabelSelector
    podMetricsEndpoints: { port: string; path: string; interval: string }[]
  }
}

interface PrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'PrometheusRule'
  metadata: ObjectMeta
  spec: {
    groups: {
      name: string
      rules: {
        alert: string
        expr: string
        for: string
        labels: Record<string, string>
        annotations: Record<string, string>
      }[]
    }[]
  }
}

const { selector } = names.application
const metadata = (name: string, namespace: string, more: Record<string, string> = {}) => ({
  name,
  namespace,
  labels: { ...names.labels(selector, name, 'application'), ...more },
})

/** Each pod, not the Service, which would give another pod's figures each time. */
export const podMonitor = (namespace: string) =>
  ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: metadata(names.monitoring.pods, namespace),
    spec: {
      // The job is then named after this label's value, as in the alerts.
      jobLabel: 'app.kubernetes.io/name',
      selector: { matchLabels: selector },
      podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '30s' }],
    },
  }) satisfies PodMonitor

/** The alerts of docs/operations.md; `runbook` is the address of that document. */
export const alertRules = (namespace: string, runbook: string, backup: BackupChoice) =>
  ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: metadata(names.monitoring.alerts, namespace),
    spec: {
      groups: [
        {
          name: 'data-service',
          rules: (backup === 'none' ? alerts.filter(({ ofBackup }) => !ofBackup) : alerts).map(
            ({ name, expr, severity, summary, ...alert }) => ({
              alert: name,
              expr,
              for: alert.for,
              labels: { severity },
              annotations: { summary, runbook_url: `${runbook}#${name.toLowerCase()}` },
            }),
          ),
        },
      ],
    },
  }) satisfies PrometheusRule

/** The sidecar of Grafana's chart looks for this label. */
export const dashboardMap = (namespace: string) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(names.monitoring.dashboard, namespace, { grafana_dashboard: '1' }),
    data: { 'data-service.json': dashboard() },
  }) satisfies ConfigMap
