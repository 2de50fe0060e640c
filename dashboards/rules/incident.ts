export interface NotificationOptions {
  /** Path, on the machine of whoever notifies, of the file with a target's routing key. */
  readonly routingKeyFileOf: (target: string) => string
  /** Where events are posted, when not to PagerDuty's own address. */
  readonly enqueueUrl?: string
  /** Base address of the viewer, whose pages of SLOs incidents lead to. */
  readonly viewerUrl?: string
}

/** How long alerts of one incident are waited for, changes of it collected, and an open one told again. */
export const notificationTiming = { group_wait: '10s', group_interval: '1m', repeat_interval: '4h' } as const

const label = (key: string) => `{{ .CommonLabels.${key} }}`
const annotation = (key: string) => `{{ (index .Alerts 0).Annotations.${key} }}`

/** What PagerDuty is told of an incident, in the templates that Alertmanager and Grafana share. */
export function incident(viewerUrl: string | undefined) {
  return {
    // The severities of the rules are two of PagerDuty's.
    severity: '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}',
    summary: annotation('description'),
    class: label('alertname'),
    group: label('service'),
    client: 'Ninefold',
    ...(viewerUrl === undefined
      ? {}
      : { client_url: `${viewerUrl}{{ with .CommonLabels.slo }}/slos/{{ . }}{{ end }}` }),
    details: {
      slo: label('slo'),
      service: label('service'),
      severity: label('ninefold_severity'),
      runbook: `{{ with index .Alerts 0 }}{{ or .Annotations.runbook_url .Annotations.runbook }}{{ end }}`,
    },
  }
}
