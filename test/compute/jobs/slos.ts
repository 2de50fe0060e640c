import { layerNames } from '../../../slo-specs/schema/layers.ts'
import type { FilterExpression, RatioIndicator, Slo, SpecSet } from '../../../slo-specs/schema/model.ts'

const position = { file: 'test.yaml', line: 1, column: 1 }

export const serviceIs = (value: string): FilterExpression => ({
  op: 'compare',
  comparison: '==',
  field: { scope: 'any', name: 'service.name' },
  value: { type: 'string', value },
})
export const notFailed: FilterExpression = {
  op: 'compare',
  comparison: '!=',
  field: { scope: 'intrinsic', name: 'status' },
  value: { type: 'string', value: 'Error' },
}
export const fasterThan = (ms: number): FilterExpression => ({
  op: 'compare',
  comparison: '<',
  field: { scope: 'intrinsic', name: 'duration' },
  value: { type: 'duration', value: BigInt(ms) * 1_000_000n },
})
const filter = (expression: FilterExpression) => ({ text: '', expression })

/** An SLO over traces with a 7-day window and 99 % unless told otherwise; `revision` follows what is counted. */
export function sloOf(
  name: string,
  indicator: { total: FilterExpression; good?: FilterExpression; bad?: FilterExpression },
  change: Partial<Slo> = {},
): Slo {
  const ratio: RatioIndicator = {
    kind: 'ratio',
    name,
    signal: 'traces',
    total: filter(indicator.total),
    ...(indicator.good === undefined ? {} : { good: filter(indicator.good) }),
    ...(indicator.bad === undefined ? {} : { bad: filter(indicator.bad) }),
  }
  return {
    name,
    displayName: name,
    description: '',
    service: 'checkout',
    labels: {},
    annotations: {},
    budgetingMethod: 'Occurrences',
    objective: 0.99,
    objectiveText: '0.99',
    window: { kind: 'rolling', seconds: 7 * 86_400, text: '7d' },
    indicator: ratio,
    alerts: [],
    layers: layerNames,
    noDataAfterSeconds: 600,
    minValid: 0,
    runbook: '',
    revision: `r-${name}`,
    position,
    ...change,
  }
}

export function specSetOf(slos: readonly Slo[], revision = 'set'): SpecSet {
  return { slos, ratios: [], services: [], targets: [], revision }
}

/** What an SLO over events counts. */
export function ratioOf({ indicator }: Slo): RatioIndicator {
  if (indicator.kind !== 'ratio') throw new Error(`${indicator.name} counts no events`)
  return indicator
}
