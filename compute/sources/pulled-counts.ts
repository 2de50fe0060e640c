import type { QueriedIndicator } from '../../slo-specs/schema/model.ts'

/** Whole minutes, seconds since the epoch. */
export interface MinuteSpan {
  readonly from: number
  readonly to: number
}

/** What was counted in one minute for one combination of layers; a layer without a label is left out. */
export interface PulledCount {
  readonly minute: number
  /** By layer name. */
  readonly layers: Readonly<Record<string, string>>
  readonly good: bigint
  readonly valid: bigint
}

export interface PulledCounts {
  /** Minutes that the source answered for; the others are missing, not empty. */
  readonly covered: readonly number[]
  readonly counts: readonly PulledCount[]
}

/** Asks a source for what an indicator counts. */
export interface CountSource {
  /** @throws SOURCE_… and, of a store, STORE_… errors; never a partial answer. */
  pull(indicator: QueriedIndicator, span: MinuteSpan, signal: AbortSignal): Promise<PulledCounts>
}

/** Sums counts that fall into one minute and combination of layers. */
export class CountSums {
  private readonly sums = new Map<
    string,
    { minute: number; layers: Record<string, string>; good: bigint; valid: bigint }
  >()

  add(
    minute: number,
    layers: Record<string, string>,
    counts: { readonly good?: bigint; readonly valid?: bigint },
  ): void {
    const key = JSON.stringify([minute, Object.entries(layers).sort()])
    const sum = this.sums.get(key) ?? { minute, layers, good: 0n, valid: 0n }
    sum.good += counts.good ?? 0n
    sum.valid += counts.valid ?? 0n
    this.sums.set(key, sum)
  }

  /** @param partIs what was added as `good`. More bad than valid events are that many valid ones, all bad. */
  counts(partIs: 'good' | 'bad'): PulledCount[] {
    return [...this.sums.values()].map(({ minute, layers, good: part, valid }) => {
      if (partIs === 'good') return { minute, layers, good: part, valid }
      const rest = valid >= part ? valid - part : 0n
      return { minute, layers, good: rest, valid: part + rest }
    })
  }
}

/** A ready-made share has no events: each minute weighs as many of these. */
const partsOfAMinute = 1_000_000

/** Adds a share of good (or bad) events as so many parts of a minute, rounded towards bad. Not a share: nothing, and false. */
export function addShare(
  sums: CountSums,
  minute: number,
  layers: Record<string, string>,
  share: number,
  of: 'good' | 'bad',
): boolean {
  if (!(share >= 0 && share <= 1)) return false
  const part = of === 'good' ? Math.floor(share * partsOfAMinute) : Math.ceil(share * partsOfAMinute)
  sums.add(minute, layers, { good: BigInt(part), valid: BigInt(partsOfAMinute) })
  return true
}

/** Does a value keep the promise of a threshold? */
export function keeps(value: number, comparison: '<' | '<=' | '>' | '>=', threshold: number): boolean {
  switch (comparison) {
    case '<':
      return value < threshold
    case '<=':
      return value <= threshold
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
  }
}
