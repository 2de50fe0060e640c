/** `[fromMs, toMs)`, milliseconds since the epoch. */
export interface TimeSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** The same moments as maximal spans without overlap, in their order. */
export function mergedSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  const merged: TimeSpan[] = []
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1)
    if (last === undefined || span.fromMs > last.toMs) merged.push(span)
    else if (span.toMs > last.toMs) merged[merged.length - 1] = { fromMs: last.fromMs, toMs: span.toMs }
  }
  return merged
}

/** Does any of the spans hold the moment? */
export function isWithin(spans: readonly TimeSpan[], ms: number): boolean {
  return spans.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs)
}
