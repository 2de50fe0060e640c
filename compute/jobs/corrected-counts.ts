import type { Slo } from '../../slo-specs/schema/model.ts'
import { isWithin, mergedSpans, type TimeSpan } from '../../slo-specs/schema/time-spans.ts'
import type { MinuteSpan, PulledCounts } from '../sources/pulled-counts.ts'

/** Says of a minute (seconds) whether it is left out whole: it begins within a correction. Predicates are refused for what is pulled. */
export function leftOutMinutes({ corrections = [] }: Slo, range: TimeSpan): (minute: number) => boolean {
  const spans = mergedSpans(corrections.flatMap(({ times }) => times.within(range)))
  return spans.length === 0 ? () => false : minute => isWithin(spans, minute * 1000)
}

/** What a source counted without the minutes that corrections leave out; those stay covered, they count nothing. */
export function withoutCorrected(slo: Slo, { from, to }: MinuteSpan, { covered, counts }: PulledCounts): PulledCounts {
  const isLeftOut = leftOutMinutes(slo, { fromMs: from * 1000, toMs: to * 1000 })
  return { covered, counts: counts.filter(({ minute }) => !isLeftOut(minute)) }
}
