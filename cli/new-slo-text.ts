import { formatDecimal, hundredth, parseDecimal } from '../slo-specs/schema/decimal.ts'

/** The four things that make a promise. */
export interface NewSlo {
  readonly service: string
  readonly kind: 'availability' | 'latency'
  /** Of latency: what a request may take, as CEL writes it (`300ms`). */
  readonly within: string
  readonly window: string
  /** Percent, as written. */
  readonly objective: string
  /** Is the service defined in the specs already? */
  readonly isKnownService: boolean
}

export function newSloName({ service, kind }: Pick<NewSlo, 'service' | 'kind'>): string {
  return `${service}-${kind}`
}

/** A file with the promise in it, and beside each line what it means and what else could be written. */
export function newSloText(slo: NewSlo): string {
  const name = newSloName(slo)
  const isLatency = slo.kind === 'latency'
  const served = `service.name == ${JSON.stringify(slo.service)} && kind == "Server"`
  const total = isLatency ? `${served} && status != "Error"` : served
  const good = isLatency ? `duration < duration("${slo.within}")` : 'status != "Error"'
  const promise = isLatency
    ? `${slo.objective} % of the requests that succeed do so within ${slo.within}.`
    : `${slo.objective} % of the requests succeed.`
  const percent = parseDecimal(slo.objective)
  const target = percent === undefined ? slo.objective : formatDecimal(hundredth(percent))
  return `# ${promise}
# Check it with \`ninefold validate\`, see what it would have said with \`ninefold backtest\`. The language: docs/specs/language.md
${slo.isKnownService ? '' : serviceText(slo.service)}apiVersion: openslo/v1
kind: SLO
metadata:
  name: ${name}
  displayName: ${slo.service} ${slo.kind}
  # Shown on every page and in every notification:
  # annotations:
  #   ninefold.dev/runbook: https://example.org/runbooks/${name}
spec:
  description: ${promise}
  service: ${slo.service}
  indicator:
    metadata:
      name: ${name}
    spec:
      # Valid events match total; good ones also match good. The filters are CEL over attributes, as the SDKs name them.
      ratioMetric:
        good:
          metricSource:
            type: telemetry
            spec:
              signal: traces
              filter: ${good}
        total:
          metricSource:
            type: telemetry
            spec:
              signal: traces
              filter: ${total}
  # Rolling. For months as the calendar has them: duration 1M with a calendar of startTime and timeZone.
  timeWindow:
    - duration: ${slo.window}
      isRolling: true
  # Every event counts. Timeslices would count good minutes instead.
  budgetingMethod: Occurrences
  objectives:
    - target: ${target} # ${slo.objective} %
  # Without alertPolicies the standard ladder of slo-specs/windows/standard.yaml pages and opens tickets.
`
}

function serviceText(service: string): string {
  return `apiVersion: openslo/v1
kind: Service
metadata:
  name: ${service}
spec:
  # Who owns it, and what it is for.
  description: ''
---
`
}
