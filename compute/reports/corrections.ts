import { leftOutText } from '../../slo-specs/schema/diff-slos.ts'
import type { Slo } from '../../slo-specs/schema/model.ts'
import type { TimeSpan } from '../../slo-specs/schema/time-spans.ts'

/** A correction that leaves something out of a range of time. */
export interface CorrectionInRange {
  readonly name: string
  readonly description: string
  readonly reason: string
  readonly approver: string
  /** When, and of which events, in words. */
  readonly leavesOut: string
  /** How often it applies within the range. */
  readonly occurrences: number
  /** The last of them, as far as they lie in the range. */
  readonly spans: readonly TimeSpan[]
}

/** What comes more often is a rule, and its text says it. */
const mostSpans = 200

/** The corrections of an SLO that touch the range. */
export function correctionsIn(slo: Pick<Slo, 'corrections'>, range: TimeSpan): CorrectionInRange[] {
  return (slo.corrections ?? []).flatMap(correction => {
    const { name, description, reason, approver, times } = correction
    const spans = times.within(range).map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, range.fromMs),
      toMs: Math.min(toMs, range.toMs),
    }))
    if (spans.length === 0) return []
    const leavesOut = leftOutText(correction)
    return [
      { name, description, reason, approver, leavesOut, occurrences: spans.length, spans: spans.slice(-mostSpans) },
    ]
  })
}
