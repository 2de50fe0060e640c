import { stringify } from 'yaml'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { type AlertReceiver, type AlertRoute, alertRoutes, receiverOf, untold } from './alert-receivers.ts'

export interface AlertmanagerOptions {
  /** Path, on Alertmanager's machine, of the file with a target's routing key. */
  readonly routingKeyFileOf: (target: string) => string
  /** Where events are posted, when not to PagerDuty's own address. */
  readonly enqueueUrl?: string
  /** Base address of the viewer, whose pages of SLOs incidents lead to. */
  readonly viewerUrl?: string
}

/** Receivers without a way to anybody, for what is shown only; no target's name has a space. */
const shownOnly = 'shown only'
const signOfLife = 'sign of life'

/** How long alerts of one incident are waited for, changes of it collected, and an open one told again. */
const timing = { group_wait: '10s', group_interval: '1m', repeat_interval: '4h' } as const
const signOfLifeEvery = '5m'

const is = (label: string, value: string) => `${label} = ${JSON.stringify(value)}`
/** Alertmanager anchors its regular expressions. */
const matches = (label: string, pattern: string) => `${label} =~ ${JSON.stringify(pattern)}`
const literally = (text: string) => text.replaceAll('.', '\\.')

/** One route a receiver; each but the last lets the next one have the alert as well. */
function tell(receivers: readonly AlertReceiver[], matchers: readonly string[]) {
  return receivers.map(({ name }, index) => ({
    receiver: name,
    ...(matchers.length === 0 ? {} : { matchers }),
    ...(index < receivers.length - 1 ? { continue: true } : {}),
  }))
}

function serviceRoute(service: string, routes: readonly AlertRoute[]) {
  return {
    receiver: shownOnly,
    matchers: [is('service', service), matches('slo', '.+')],
    // What tells an episode of Ninefold's from the next: so each is one incident.
    group_by: ['slo', 'ninefold_severity'],
    routes: routes.flatMap(({ severity, slos, receivers }) =>
      tell(receivers, [
        is('ninefold_severity', severity),
        ...(slos === undefined ? [] : [matches('slo', slos.map(literally).join('|'))]),
      ]),
    ),
  }
}

/** Of alerts over Ninefold's own health. */
function healthRoute(receivers: readonly AlertReceiver[]) {
  return {
    receiver: shownOnly,
    matchers: [matches('alertname', 'Ninefold.+')],
    group_by: ['alertname'],
    routes: [
      { receiver: signOfLife, matchers: [is('severity', 'none')], repeat_interval: signOfLifeEvery },
      ...tell(receivers, []),
    ],
  }
}

function pagerDuty({ name, target, sendsResolved }: AlertReceiver, options: AlertmanagerOptions) {
  const { routingKeyFileOf, enqueueUrl, viewerUrl } = options
  const label = (key: string) => `{{ .CommonLabels.${key} }}`
  const config = {
    routing_key_file: routingKeyFileOf(target),
    ...(enqueueUrl === undefined ? {} : { url: enqueueUrl }),
    send_resolved: sendsResolved,
    description: '{{ (index .Alerts 0).Annotations.description }}',
    // The severities of the rules are two of PagerDuty's.
    severity: '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}',
    class: label('alertname'),
    group: label('service'),
    client: 'Ninefold',
    ...(viewerUrl === undefined
      ? {}
      : { client_url: `${viewerUrl.replace(/\/$/, '')}{{ with .CommonLabels.slo }}/slos/{{ . }}{{ end }}` }),
    details: {
      slo: label('slo'),
      service: label('service'),
      severity: label('ninefold_severity'),
      runbook: '{{ (index .Alerts 0).Annotations.runbook }}',
    },
    links: [{ href: '{{ (index .Alerts 0).Annotations.runbook_url }}', text: 'Runbook' }],
  }
  return { name, pagerduty_configs: [config] }
}

/**
 * A whole configuration of Alertmanager for the rules of `buildPrometheusRules`: who is told is what the specs say. @returns it as YAML, and a
 * sentence for everything that it leaves untold.
 */
export function buildAlertmanagerConfig(
  specs: SpecSet,
  options: AlertmanagerOptions,
): { readonly text: string; readonly notes: readonly string[] } {
  const routes = alertRoutes(specs)
  const ofHealth = (specs.defaultTargets ?? []).map(name => receiverOf(name))
  const services = [...new Set(routes.map(({ service }) => service))]
  const receivers = new Map([...ofHealth, ...routes.flatMap(route => route.receivers)].map(each => [each.name, each]))
  const config = {
    route: {
      receiver: shownOnly,
      group_by: ['alertname'],
      ...timing,
      routes: [
        healthRoute(ofHealth),
        ...services.map(name =>
          serviceRoute(
            name,
            routes.filter(({ service }) => service === name),
          ),
        ),
      ],
    },
    inhibit_rules: [
      {
        source_matchers: [is('ninefold_severity', 'page')],
        target_matchers: [is('ninefold_severity', 'ticket')],
        equal: ['slo'],
      },
    ],
    receivers: [
      { name: shownOnly },
      { name: signOfLife },
      ...[...receivers.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(receiver => pagerDuty(receiver, options)),
    ],
  }
  const notes = untold(specs)
  const head = [
    'Generated by `ninefold generate alertmanager`; do not edit.',
    ...notes.map(note => `Not in it: ${note}.`),
  ]
  return { text: `${head.map(line => `# ${line}\n`).join('')}${stringify(config, { lineWidth: 0 })}`, notes }
}
