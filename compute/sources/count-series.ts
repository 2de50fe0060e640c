import type { QueriedIndicator } from '../../slo-specs/schema/model.ts'
import { addShare, CountSums, keeps, type MinuteSpan, type PulledCounts } from './pulled-counts.ts'

/** One series of a range query: its labels and its samples at the ends of minutes, ascending. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly (readonly [atSeconds: number, value: number])[]
}

/** How long after a counter's sample the next one still tells what happened in between. */
export const counterLookBackSeconds = 900
/** Beyond, doubles are no integers any more. */
const largestCount = 2 ** 53

/** What the answers to an indicator's queries count, minute by minute; a sample at the end of a minute is of that minute. */
export function countSeries(
  { meaning, layerLabels }: Pick<QueriedIndicator, 'meaning' | 'layerLabels'>,
  answers: { readonly main: readonly Series[]; readonly part: readonly Series[] },
  span: MinuteSpan,
): PulledCounts {
  const sums = new CountSums()
  const covered = new Set<number>()
  const layersOf = ({ labels }: Series) =>
    Object.fromEntries(
      Object.entries(layerLabels).flatMap(([layer, label]) => {
        const value = labels[label]
        return value === undefined || value === '' ? [] : [[layer, value]]
      }),
    )
  const each = (
    all: readonly Series[],
    take: (minute: number, value: number, layers: Record<string, string>) => boolean,
  ) => {
    for (const series of all)
      for (const [at, value] of series.samples) {
        const minute = at - 60
        if (minute < span.from || minute >= span.to || !take(minute, value, layersOf(series))) continue
        covered.add(minute)
      }
  }
  if (meaning.kind === 'counts') {
    const events = meaning.isCounter ? increases : rounded
    each(answers.main.map(events), (minute, value, layers) => {
      sums.add(minute, layers, { valid: BigInt(value) })
      return true
    })
    // Good (or bad) events of a minute whose total is missing say nothing.
    const known = new Set(covered)
    each(answers.part.map(events), (minute, value, layers) => {
      if (known.has(minute)) sums.add(minute, layers, { good: BigInt(value) })
      return false
    })
    return { covered: [...covered], counts: sums.counts(meaning.partIs) }
  }
  each(answers.main, (minute, value, layers) => {
    if (Number.isNaN(value)) return false
    if (meaning.kind === 'raw') return addShare(sums, minute, layers, value, meaning.shareOf)
    sums.add(minute, layers, { good: keeps(value, meaning.comparison, meaning.value) ? 1n : 0n, valid: 1n })
    return true
  })
  return { covered: [...covered], counts: sums.counts(meaning.kind === 'raw' ? meaning.shareOf : 'good') }
}

/** Values that are counts of events, to the nearest whole one: functions over ranges extrapolate. */
function rounded(series: Series): Series {
  return {
    ...series,
    samples: series.samples.flatMap(([at, value]) => (isCount(value) ? [[at, Math.round(value)] as const] : [])),
  }
}

/**
 * What a counter went up by since its sample before. A lower value counts whole (the counter was set back), a first one not at all (since
 * when it counted is not known), nor one after a long pause.
 */
function increases(series: Series): Series {
  const samples: (readonly [number, number])[] = []
  let before: readonly [number, number] | undefined
  for (const [at, value] of series.samples) {
    if (!isCount(value)) continue
    if (before !== undefined && at - before[0] <= counterLookBackSeconds) {
      const whole = Math.floor(value)
      samples.push([at, value < before[1] ? whole : whole - Math.floor(before[1])])
    }
    before = [at, value]
  }
  return { ...series, samples }
}

function isCount(value: number): boolean {
  return value >= 0 && value <= largestCount
}
