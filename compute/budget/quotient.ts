import { mostExactDistinct } from '../../lib/ratio-precision.ts'
import type { Aggregate, Ratio, RatioSide } from '../../slo-specs/schema/model.ts'
import { divide } from './divide.ts'

/** What is known of the events of one side of a ratio, put together from any minutes and layers. */
interface SideSums {
  readonly events: bigint
  /** Events that had a number. */
  readonly numbers: bigint
  /** Decimals as text, of at most 18 digits after the point. */
  readonly total: string
  readonly least: string | null
  readonly most: string | null
  readonly distinct: bigint
  /** Of the level asked for; null without measured values. */
  readonly quantile: number | null
}

/** Exact, as a fraction; or a double where only a double is known (a quantile). */
type Amount = { readonly top: bigint; readonly bottom: bigint } | number

/** A ratio over some stretch of time, and what its sides came to: whole amounts are exact. Null where there is no value. */
export interface Quotient {
  readonly value: number | null
  readonly numerator: bigint | number | null
  readonly denominator: bigint | number | null
  /** A side is a quantile, or a number of different texts too great to be kept exactly. */
  readonly isEstimate: boolean
}

/** What was read of both sides, the quantiles in the order of the levels that were asked for; a side without events is not there. */
export type QuotientSides = Readonly<
  Partial<
    Record<'numerator' | 'denominator', Omit<SideSums, 'quantile'> & { readonly quantiles: readonly (number | null)[] }>
  >
>

/** The levels of quantiles that ratios ask for, each once. */
export function levelsOf(ratios: readonly Ratio[]): readonly number[] {
  const aggregates = ratios.flatMap(({ numerator, denominator }) => [numerator.aggregate, denominator.aggregate])
  return [...new Set(aggregates.flatMap(each => (each.function === 'quantile' ? [each.level] : [])))]
}

/** @param levels in the order of which the quantiles were read. */
export function quotientOfSides(
  ratio: Pick<Ratio, 'numerator' | 'denominator'>,
  sides: QuotientSides,
  levels: readonly number[],
): Quotient {
  const read = ({ aggregate }: RatioSide, sums: QuotientSides['numerator']) => {
    const level = aggregate.function === 'quantile' ? levels.indexOf(aggregate.level) : -1
    const amount = amountOf(
      aggregate,
      sums === undefined ? noSums : { ...sums, quantile: sums.quantiles[level] ?? null },
    )
    const isMany = aggregate.function === 'uniq' && (sums?.distinct ?? 0n) > mostExactDistinct
    return { amount, isEstimate: aggregate.function === 'quantile' || isMany }
  }
  const [top, bottom] = [read(ratio.numerator, sides.numerator), read(ratio.denominator, sides.denominator)]
  return {
    value: divided(top.amount, bottom.amount),
    numerator: plainAmount(top.amount),
    denominator: plainAmount(bottom.amount),
    isEstimate: top.isEstimate || bottom.isEstimate,
  }
}

const decimalPlaces = 18
const unit = 10n ** BigInt(decimalPlaces)

/** No event at all: counts and sums of nothing are 0, everything else is nothing. */
const noSums: SideSums = {
  events: 0n,
  numbers: 0n,
  total: '0',
  least: null,
  most: null,
  distinct: 0n,
  quantile: null,
}

/** What a side comes to. Null: no event had a value to work it out of. */
function amountOf(aggregate: Aggregate, sums: SideSums): Amount | null {
  switch (aggregate.function) {
    case 'count':
      return { top: sums.events, bottom: 1n }
    case 'uniq':
      return { top: sums.distinct, bottom: 1n }
    case 'sum':
      return { top: unitsOf(sums.total), bottom: unit }
    case 'avg':
      return sums.numbers === 0n ? null : { top: unitsOf(sums.total), bottom: unit * sums.numbers }
    case 'min':
      return sums.least === null ? null : { top: unitsOf(sums.least), bottom: unit }
    case 'max':
      return sums.most === null ? null : { top: unitsOf(sums.most), bottom: unit }
    case 'quantile':
      return sums.quantile
  }
}

/** Numerator ÷ denominator (semantics: ratios); a denominator of 0, or a side without a value, gives null. One rounding, at the end. */
function divided(numerator: Amount | null, denominator: Amount | null): number | null {
  if (numerator === null || denominator === null || isZero(denominator)) return null
  if (typeof numerator === 'number' || typeof denominator === 'number')
    return doubleOf(numerator) / doubleOf(denominator)
  return divide(numerator.top * denominator.bottom, numerator.bottom * denominator.top)
}

/** A whole amount as the integer that it is, any other as the nearest double. */
function plainAmount(amount: Amount | null): bigint | number | null {
  if (amount === null || typeof amount === 'number') return amount
  return amount.top % amount.bottom === 0n ? amount.top / amount.bottom : doubleOf(amount)
}

function isZero(amount: Amount): boolean {
  return typeof amount === 'number' ? amount === 0 : amount.top === 0n
}

function doubleOf(amount: Amount): number {
  return typeof amount === 'number' ? amount : divide(amount.top, amount.bottom)
}

/** A decimal in units of its last place: `-1.5` → −1.5 × 10^18. */
function unitsOf(text: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? []
  const units = BigInt(whole === '' ? '0' : whole) * unit + BigInt(fraction.padEnd(decimalPlaces, '0'))
  return sign === '-' ? -units : units
}
