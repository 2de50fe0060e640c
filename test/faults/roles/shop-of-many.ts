import { attribute, encodeRequest } from '../../factories/otlp.ts'

/** Services with an SLO each: enough that every shard has some. The first ones fail a part of their requests. */
export const services = ['basket', 'cart', 'checkout', 'login', 'mail', 'orders', 'payments', 'search'] as const
export const burning: ReadonlySet<string> = new Set(services.slice(0, 3))
const failingShare = 0.3

/** SLOs that burn and had another number of incidents than one, and SLOs that do not burn and had any. */
export function wrongIncidents(incidents: ReadonlyMap<string, number>): string[] {
  const slos = new Set([...burning, ...incidents.keys()])
  return [...slos].filter(slo => incidents.get(slo) !== (burning.has(slo) ? 1 : 0))
}

export const specText = `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: { name: on-call }
spec: { target: pagerduty }
${services
  .map(
    name => `---
apiVersion: openslo/v1
kind: Service
metadata: { name: ${name} }
spec: { description: ${name} }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: ${name}
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.99 }]
  indicator:
    metadata: { name: ${name}-good }
    spec:
      ratioMetric:
        good: { metricSource: { type: telemetry, spec: { signal: traces, filter: 'service.name == "${name}" && http.response.status_code < 500' } } }
        total: { metricSource: { type: telemetry, spec: { signal: traces, filter: 'service.name == "${name}"' } } }
`,
  )
  .join('')}`

export interface SentSpan {
  readonly id: string
  readonly service: string
  readonly isGood: boolean
}

export interface SpansRequest {
  readonly body: Uint8Array
  readonly spans: readonly SentSpan[]
}

/** Requests of some spans of one service, each span with an id that occurs nowhere else. */
export function createSpanSource(random: () => number): () => SpansRequest {
  let nextId = 1
  return () => {
    const service = services[Math.floor(random() * services.length)] ?? services[0]
    const spans = Array.from({ length: 1 + Math.floor(random() * 10) }, () => ({
      id: (nextId++).toString(16).padStart(16, '0'),
      service,
      isGood: !burning.has(service) || random() >= failingShare,
    }))
    const startTimeUnixNano = `${Date.now()}000000`
    const body = encodeRequest('ExportTraceServiceRequest', {
      resourceSpans: [
        {
          resource: { attributes: [attribute('service.name', service)] },
          scopeSpans: [
            {
              spans: spans.map(({ id, isGood }) => ({
                traceId: Buffer.alloc(16, 7),
                spanId: Buffer.from(id, 'hex'),
                name: 'GET /',
                kind: 2,
                startTimeUnixNano,
                endTimeUnixNano: startTimeUnixNano,
                attributes: [attribute('http.response.status_code', isGood ? 200 : 500)],
              })),
            },
          ],
        },
      ],
    })
    return { body, spans }
  }
}
