import { layerColumns } from '../../slo-specs/schema/layers.ts'
import type { Ratio, Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import type { EventFilter, Verdict } from '../../store/queries/event-filter.ts'
import type { BoundStatement, MinuteSelection } from '../../store/queries/minute-selection.ts'
import { ratioMinutes } from '../../store/queries/ratio-minutes.ts'
import { groupSides, type SideQuestion, type SideShape } from '../../store/queries/ratio-sides.ts'
import { rollupMinutes } from '../../store/queries/rollup-minutes.ts'
import { groupVerdicts, type VerdictShape } from '../../store/queries/verdict-shapes.ts'
import { verdictOf } from '../budget/verdict-of.ts'

/** What has to be counted for a set of specs, compiled once for as long as the set is in force. */
export interface VerdictPlan {
  readonly specs: SpecSet
  readonly shapes: readonly VerdictShape[]
  /** Sides of ratios, by what they ask. */
  readonly sides: readonly SideShape[]
  /** Signals with a source, which dirty minutes are looked for in. */
  readonly signals: readonly string[]
  /** SLOs on a signal that cannot be judged yet; they stay without data. */
  readonly unsupported: readonly string[]
}

export function planVerdicts(specs: SpecSet): VerdictPlan {
  const { shapes, unsupported } = groupVerdicts(specs.slos.flatMap(verdictsOf))
  const sides = groupSides(specs.ratios.flatMap(sidesOf))
  const signals = [...new Set([...shapes, ...sides].map(({ source }) => source.signal))]
  return { specs, shapes, sides, signals, unsupported: unsupported.map(({ slo }) => slo) }
}

/** What is asked of the events of one signal, for SLOs and for ratios. */
export type Asked = Pick<VerdictPlan, 'shapes' | 'sides'>

export function askedOf({ shapes, sides }: VerdictPlan, signal: string): Asked {
  const isOfSignal = ({ source }: { readonly source: { readonly signal: string } }) => source.signal === signal
  return { shapes: shapes.filter(isOfSignal), sides: sides.filter(isOfSignal) }
}

/** Works the selected minutes out of raw events. */
export function minuteStatements(
  { shapes, sides }: Asked,
  selection: MinuteSelection,
  version: bigint,
): BoundStatement[] {
  return [...rollupMinutes(shapes, selection, version), ...ratioMinutes(sides, selection, version)]
}

/** Of SLOs whose events are in the store; others are counted elsewhere. */
function verdictsOf(slo: Slo): Verdict[] {
  const { indicator } = slo
  return indicator.kind === 'ratio' ? [verdictOf(slo, indicator)] : []
}

/** What is asked of events for both sides; what probes do is left out unless it is wanted, or is what is asked for. */
export function sidesOf({ name, revision, layers, includeSynthetic, numerator, denominator }: Ratio): SideQuestion[] {
  const sides = [['numerator', numerator] as const, ['denominator', denominator] as const]
  return sides.map(([side, { signal, filter, aggregate }]) => ({
    ratio: name,
    revision,
    side,
    signal,
    filter:
      includeSynthetic || signal === 'synthetics'
        ? filter.expression
        : { op: 'and', operands: [filter.expression, notSynthetic] },
    aggregate,
    layerColumns: layers.map(layer => layerColumns[layer]),
  }))
}

const notSynthetic: EventFilter = {
  op: 'compare',
  comparison: '==',
  field: { scope: 'intrinsic', name: 'synthetic' },
  value: { type: 'boolean', value: false },
}
