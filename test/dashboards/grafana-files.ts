import { parse } from 'yaml'
import { z } from 'zod'
import { buildGrafanaAlerting } from '../../dashboards/rules/grafana-alerting.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'

/** The documented shape of Grafana's files of alert rules, contact points and policies: a field that is not documented is refused. */

const uid = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/)
const duration = z.string().regex(/^\d+(ms|s|m|h|d|w|y)$/)
const state = { noDataState: z.enum(['NoData', 'Alerting', 'OK', 'KeepLast']) }
const timeRange = z.strictObject({ from: z.int(), to: z.int() })
const texts = z.record(z.string(), z.string())
const dataSource = (type: string) => z.strictObject({ type: z.literal(type), uid: z.string() })

const question = z.strictObject({
  refId: z.literal('A'),
  relativeTimeRange: timeRange,
  datasourceUid: z.literal('ninefold-prometheus'),
  model: z.strictObject({
    refId: z.literal('A'),
    datasource: dataSource('prometheus'),
    editorMode: z.literal('code'),
    expr: z.string(),
    instant: z.literal(true),
    range: z.literal(false),
  }),
})
const threshold = z.strictObject({
  refId: z.literal('C'),
  relativeTimeRange: timeRange,
  datasourceUid: z.literal('__expr__'),
  model: z.strictObject({
    refId: z.literal('C'),
    datasource: dataSource('__expr__'),
    type: z.literal('threshold'),
    expression: z.literal('A'),
    conditions: z.tuple([
      z.strictObject({ evaluator: z.strictObject({ type: z.literal('gt'), params: z.tuple([z.number()]) }) }),
    ]),
  }),
})
const rule = z.strictObject({
  uid,
  title: z.string().min(1).max(190),
  condition: z.literal('C'),
  data: z.tuple([question, threshold]),
  ...state,
  execErrState: z.enum(['Error', 'Alerting', 'OK', 'KeepLast']),
  for: duration,
  keepFiringFor: duration.optional(),
  labels: texts,
  annotations: texts,
})
const rulesFile = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.array(
    z.strictObject({
      orgId: z.int(),
      name: z.string().min(1),
      folder: z.string().min(1),
      interval: duration,
      rules: z.array(rule).min(1),
    }),
  ),
})

const pagerDuty = z.strictObject({
  integrationKey: z.string(),
  url: z.url().optional(),
  severity: z.string(),
  summary: z.string(),
  class: z.string(),
  group: z.string(),
  client: z.string(),
  client_url: z.string().optional(),
  details: texts,
})
const receiver = z.strictObject({
  uid,
  type: z.literal('pagerduty'),
  disableResolveMessage: z.boolean(),
  settings: pagerDuty,
})
const contactPointsFile = z.strictObject({
  apiVersion: z.literal(1),
  contactPoints: z.array(z.strictObject({ orgId: z.int(), name: z.string(), receivers: z.tuple([receiver]) })),
})

const matcher = z.tuple([z.string(), z.enum(['=', '!=', '=~', '!~']), z.string()])
const route = z.strictObject({
  receiver: z.string().optional(),
  object_matchers: z.array(matcher).min(1),
  continue: z.literal(true).optional(),
  group_by: z.array(z.string()).optional(),
  mute_time_intervals: z.array(z.string()).optional(),
})
const policiesFile = z.strictObject({
  apiVersion: z.literal(1),
  muteTimes: z.tuple([
    z.strictObject({
      orgId: z.int(),
      name: z.string(),
      time_intervals: z.tuple([
        z.strictObject({ times: z.tuple([z.strictObject({ start_time: z.string(), end_time: z.string() })]) }),
      ]),
    }),
  ]),
  policies: z.tuple([
    z.strictObject({
      orgId: z.int(),
      receiver: z.string(),
      group_by: z.array(z.string()),
      group_wait: duration,
      group_interval: duration,
      repeat_interval: duration,
      routes: z.array(route),
    }),
  ]),
})

export type GrafanaFileRule = z.output<typeof rule>

/** The three files of a set of specs as Grafana reads them; what departs from the documented shape fails. */
export function readGrafanaFiles(specs: SpecSet) {
  const options = { routingKeyFileOf: (target: string) => `/run/secrets/${target}` }
  const { files, notes } = buildGrafanaAlerting(specs, options)
  const read = (name: string): unknown => parse(files.find(file => file.name === name)?.text ?? '')
  return {
    names: files.map(({ name }) => name),
    text: files.map(({ text }) => text).join(''),
    notes,
    groups: () => rulesFile.parse(read('grafana-alert-rules.yaml')).groups,
    contactPoints: () => contactPointsFile.parse(read('grafana-contact-points.yaml')).contactPoints,
    policies: () => policiesFile.parse(read('grafana-notification-policies.yaml')),
  }
}
