import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SpecFile } from '../../slo-specs/schema/parse-specs.ts'

const slosAFile = 10

/** One file a service, each with its Service and ten SLOs: half count failures, half slow requests, each of a route of its own. */
export function specFiles(slos: number): SpecFile[] {
  return Array.from({ length: slos / slosAFile }, (_, file) => {
    const service = `service-${file}`
    const head = `apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: ${service}\nspec:\n  description: Service ${file}.\n`
    const list = Array.from({ length: slosAFile }, (_each, index) => sloText(service, index))
    return { file: `${service}.yaml`, text: [head, ...list].join('---\n') }
  })
}

function sloText(service: string, index: number): string {
  const good = index % 2 === 0 ? 'http.response.status_code < 500' : `duration < duration("${100 + index * 50}ms")`
  return `apiVersion: openslo/v1
kind: SLO
metadata:
  name: ${service}-slo-${index}
  labels:
    team: team-${service.length}
spec:
  description: Requests of ${service} are answered well.
  service: ${service}
  indicator:
    metadata:
      name: ${service}-sli-${index}
    spec:
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
              filter: service.name == "${service}" && kind == "Server" && http.route == "/route/${index}"
  timeWindow:
    - duration: 30d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.99
`
}

export function writeSpecFiles(folder: string, slos: number): void {
  mkdirSync(folder, { recursive: true })
  for (const { file, text } of specFiles(slos)) writeFileSync(join(folder, file), text)
}

/** As many SLOs in Sloth's own language, one document a service. */
export function slothText(slos: number): string {
  return Array.from({ length: slos / slosAFile }, (_, file) => {
    const list = Array.from({ length: slosAFile }, (_each, index) => {
      const job = `job="service-${file}",handler="/route/${index}"`
      return `  - name: slo-${index}
    objective: 99
    description: Requests are answered well.
    sli:
      events:
        error_query: sum(rate(http_requests_total{${job},code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{${job}}[{{.window}}]))
    alerting:
      name: Service${file}Slo${index}
`
    })
    return `version: prometheus/v1\nservice: service-${file}\nslos:\n${list.join('')}`
  }).join('---\n')
}
