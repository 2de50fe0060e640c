import { z } from 'zod'

/**
 * Sloth's two ways of writing the same (github.com/slok/sloth, pkg/prometheus/api/v1 and pkg/kubernetes/api/sloth/v1): `prometheus/v1` with
 * snake_case, the Kubernetes kind with camelCase. Both come out as the latter.
 */
const texts = z.record(z.string(), z.string())
const query = z.string().min(1).max(100_000)
const plugins = z.unknown()
const alert = z.strictObject({
  disable: z.boolean().optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
})
const alertTexts = { name: z.string().optional(), labels: texts.optional(), annotations: texts.optional() }
const plugin = z.strictObject({ id: z.string(), options: texts.optional() })
const common = {
  name: z.string().min(1).max(128),
  description: z.string().optional(),
  objective: z.number(),
  plugins: plugins.optional(),
  labels: texts.optional(),
}

const alerting = z.strictObject({ ...alertTexts, pageAlert: alert.optional(), ticketAlert: alert.optional() })
const sli = z.strictObject({
  raw: z.strictObject({ errorRatioQuery: query }).optional(),
  events: z.strictObject({ errorQuery: query, totalQuery: query }).optional(),
  plugin: plugin.optional(),
})
const slo = z.strictObject({ ...common, sli, alerting: alerting.optional() })
const service = z.strictObject({
  service: z.string().min(1),
  labels: texts.optional(),
  sloPlugins: plugins.optional(),
  slos: z.array(slo).min(1),
})

export type SlothService = z.output<typeof service>
export type SlothSlo = z.output<typeof slo>

export const kubernetesShape = z.strictObject({
  apiVersion: z.literal('sloth.slok.dev/v1'),
  kind: z.literal('PrometheusServiceLevel'),
  metadata: z.record(z.string(), z.unknown()),
  spec: service,
  status: z.unknown().optional(),
})

const alertingV1 = z
  .strictObject({ ...alertTexts, page_alert: alert.optional(), ticket_alert: alert.optional() })
  .transform(({ page_alert, ticket_alert, ...rest }) => ({ ...rest, pageAlert: page_alert, ticketAlert: ticket_alert }))
const sliV1 = z
  .strictObject({
    raw: z.strictObject({ error_ratio_query: query }).optional(),
    events: z.strictObject({ error_query: query, total_query: query }).optional(),
    plugin: plugin.optional(),
  })
  .transform(({ raw, events, plugin }) => ({
    raw: raw && { errorRatioQuery: raw.error_ratio_query },
    events: events && { errorQuery: events.error_query, totalQuery: events.total_query },
    plugin,
  }))

export const prometheusShape = z
  .strictObject({
    version: z.literal('prometheus/v1'),
    service: z.string().min(1),
    labels: texts.optional(),
    slo_plugins: plugins.optional(),
    slos: z.array(z.strictObject({ ...common, sli: sliV1, alerting: alertingV1.optional() })).min(1),
  })
  .transform(({ version: _, slo_plugins, ...rest }) => ({ ...rest, sloPlugins: slo_plugins }))
