import { ladderRules } from '../../../slo-specs/schema/kinds/burn-conditions.ts'
import { loadLadder } from '../../../slo-specs/schema/ladder.ts'
import type { AlertRule, Slo } from '../../../slo-specs/schema/model.ts'

const ladder = await loadLadder()

/** The rules of the standard ladder over a window. */
export function standardRules(windowSeconds: number): AlertRule[] {
  return ladderRules(ladder, windowSeconds, ['on-call'])
}

const everything = { text: '', expression: { op: 'literal', value: { type: 'boolean', value: true } } } as const

/** An SLO of 99.9 % over 30 days with the standard ladder. */
export function sampleSlo(change: Partial<Slo> = {}): Slo {
  const seconds = change.window?.seconds ?? 30 * 86_400
  return {
    name: 'checkout-availability',
    displayName: 'Checkout availability',
    description: '',
    service: 'checkout',
    labels: {},
    annotations: {},
    budgetingMethod: 'Occurrences',
    objective: 0.999,
    objectiveText: '0.999',
    window: { kind: 'rolling', seconds, text: `${seconds / 86_400}d` },
    indicator: { kind: 'ratio', name: 'checkout', signal: 'traces', total: everything, good: everything },
    alerts: standardRules(seconds),
    layers: [],
    noDataAfterSeconds: ladder.noDataAfterSeconds,
    minValid: 0,
    runbook: '',
    revision: 'r1',
    position: { file: 'sample.yaml', line: 1, column: 1 },
    ...change,
  }
}
