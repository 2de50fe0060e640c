import { createHash } from 'node:crypto'
import type { RatioIndicator } from '../model.ts'

/** Changes when, and only when, the counts change: neither layout of a filter nor objective, window or alerts are in it. */
export function revisionOf({ signal, total, good, bad }: RatioIndicator, layers: readonly string[]): string {
  const counted = { format: 1, signal, total: total.expression, good: good?.expression, bad: bad?.expression, layers }
  const text = JSON.stringify(counted, (_key, value) => (typeof value === 'bigint' ? `${value}ns` : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
