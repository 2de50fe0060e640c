import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import { type ParsedSpecs, parseSpecs } from '../../slo-specs/schema/parse-specs.ts'

const standard = await loadLadder()

export function parse(...texts: string[]): ParsedSpecs {
  return parseSpecs(
    texts.map((text, index) => ({ file: `${index + 1}.yaml`, text })),
    { standard },
  )
}

/** The set of texts that have no findings at all. */
export function parseGood(...texts: string[]): SpecSet {
  const { specs, findings } = parse(...texts)
  if (specs === null || findings.length > 0) throw new Error(JSON.stringify(findings, null, 2))
  return specs
}

export function onlySlo(specs: SpecSet): Slo {
  const [slo, ...more] = specs.slos
  if (slo === undefined || more.length > 0) throw new Error(`${specs.slos.length} SLOs`)
  return slo
}

export const service = 'apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\nspec: {}\n'

export interface SloParts {
  readonly name?: string
  readonly annotations?: string
  readonly good?: string
  readonly objective?: string
  readonly window?: string
  readonly alertPolicies?: string
}

/** An SLO as YAML, one line a part. */
export function sloText(parts: SloParts = {}): string {
  const source = (filter: string) => `{metricSource: {type: telemetry, spec: {signal: traces, filter: ${filter}}}}`
  return `apiVersion: openslo/v1
kind: SLO
metadata:
  name: ${parts.name ?? 'checkout'}
  annotations: ${parts.annotations ?? '{}'}
spec:
  service: shop
  indicator:
    metadata: {name: ${parts.name ?? 'checkout'}}
    spec:
      ratioMetric:
        good: ${source(JSON.stringify(parts.good ?? 'status != "Error"'))}
        total: ${source("'true'")}
  timeWindow: [{duration: ${parts.window ?? '30d'}, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [${parts.objective ?? '{target: 0.999}'}]
${parts.alertPolicies === undefined ? '' : `  alertPolicies: ${parts.alertPolicies}\n`}`
}
