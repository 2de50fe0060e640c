import type { Slo } from '../../slo-specs/schema/model.ts'
import { mergedSpans, type TimeSpan } from '../../slo-specs/schema/time-spans.ts'

/**
 * How many slices that begin within the range corrections leave out (semantics: corrections): those of which every moment lies within
 * corrections without a predicate. Of another slice the events that are left are judged.
 * @param range its beginning is rounded up to that of a slice, as windows are.
 */
export function leftOutSlices(corrections: Slo['corrections'], range: TimeSpan, sliceSeconds: number): number {
  const whole = corrections?.filter(({ predicate }) => predicate === undefined) ?? []
  if (whole.length === 0 || range.toMs <= range.fromMs) return 0
  const sliceMs = sliceSeconds * 1000
  const first = Math.ceil(range.fromMs / sliceMs)
  const end = Math.ceil(range.toMs / sliceMs)
  // The last slice that begins in the range may end beyond it.
  const looked = { fromMs: first * sliceMs, toMs: end * sliceMs }
  return mergedSpans(whole.flatMap(({ times }) => times.within(looked))).reduce((count, { fromMs, toMs }) => {
    const from = Math.max(first, Math.ceil(fromMs / sliceMs))
    const until = Math.min(end, Math.floor(toMs / sliceMs))
    return count + Math.max(0, until - from)
  }, 0)
}
