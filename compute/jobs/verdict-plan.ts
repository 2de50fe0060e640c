import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { Verdict } from '../../store/queries/event-filter.ts'
import { groupVerdicts, type VerdictShape } from '../../store/queries/verdict-shapes.ts'
import { verdictOf } from '../budget/verdict-of.ts'

/** What has to be counted for a set of specs, compiled once for as long as the set is in force. */
export interface VerdictPlan {
  readonly specs: SpecSet
  readonly shapes: readonly VerdictShape[]
  /** Signals with a source, which dirty minutes are looked for in. */
  readonly signals: readonly string[]
  /** SLOs on a signal that cannot be judged yet; they stay without data. */
  readonly unsupported: readonly string[]
}

export function planVerdicts(specs: SpecSet): VerdictPlan {
  const { shapes, unsupported } = groupVerdicts(specs.slos.flatMap(verdictsOf))
  const signals = [...new Set(shapes.map(({ source }) => source.signal))]
  return { specs, shapes, signals, unsupported: unsupported.map(({ slo }) => slo) }
}

/** Of SLOs whose events are in the store; others are counted elsewhere. */
function verdictsOf(slo: Slo): Verdict[] {
  const { indicator } = slo
  return indicator.kind === 'ratio' ? [verdictOf(slo, indicator)] : []
}
