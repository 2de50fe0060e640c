export interface BackOff {
  readonly firstMs: number
  readonly longestMs: number
  /** 0 ≤ r < 1. */
  readonly random: () => number
}

/** Exponential with jitter: between half and all of firstMs·2^(attempt−1), at most longestMs. */
export function backOffMs(attempt: number, { firstMs, longestMs, random }: BackOff): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(ceiling * (0.5 + random() / 2))
}

/** `Retry-After` as milliseconds from `nowMs`: seconds or an HTTP date; undefined when it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
