import { createHash } from 'node:crypto'
import type { Correction, Indicator } from '../model.ts'

/** Changes when, and only when, the counts change: neither layout of a filter nor objective, window or alerts are in it. */
export function revisionOf(
  indicator: Indicator,
  layers: readonly string[],
  corrections: readonly Correction[] = [],
): string {
  // Whatever they are called and in whatever order they come; without any the hash is that of earlier versions.
  const leftOut = corrections
    .map(({ times, predicate }) => JSON.stringify([times.text, hashOf(predicate?.expression)]))
    .sort()
  return hashOf({ format: 1, ...countedBy(indicator), layers, ...(leftOut.length === 0 ? {} : { leftOut }) })
}

function countedBy(indicator: Indicator) {
  if (indicator.kind === 'queried') return { signal: indicator.signal }
  if (indicator.kind === 'composite')
    return {
      signal: indicator.signal,
      members: indicator.members.map(({ slo, weight }) => [slo.name, slo.revision, weight]),
    }
  const { signal, total, good, bad, shareOf } = indicator
  return { signal, total: total.expression, good: good?.expression, bad: bad?.expression, shareOf }
}

/** 16 hexadecimal digits of the value as JSON. */
export function hashOf(value: unknown): string {
  const text = JSON.stringify(value ?? null, (_key, part) => (typeof part === 'bigint' ? `${part}ns` : part))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
