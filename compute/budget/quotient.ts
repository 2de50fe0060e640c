import type { Aggregate } from '../../slo-specs/schema/model.ts'
import { divide } from './divide.ts'

/** What is known of the events of one side of a ratio, put together from any minutes and layers. */
export interface SideSums {
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
export type Amount = { readonly top: bigint; readonly bottom: bigint } | number

const decimalPlaces = 18
const unit = 10n ** BigInt(decimalPlaces)

/** No event at all: counts and sums of nothing are 0, everything else is nothing. */
export const noSums: SideSums = {
  events: 0n,
  numbers: 0n,
  total: '0',
  least: null,
  most: null,
  distinct: 0n,
  quantile: null,
}

/** What a side comes to. Null: no event had a value to work it out of. */
export function amountOf(aggregate: Aggregate, sums: SideSums): Amount | null {
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
export function quotientOf(numerator: Amount | null, denominator: Amount | null): number | null {
  if (numerator === null || denominator === null || isZero(denominator)) return null
  if (typeof numerator === 'number' || typeof denominator === 'number')
    return doubleOf(numerator) / doubleOf(denominator)
  return divide(numerator.top * denominator.bottom, numerator.bottom * denominator.top)
}

/** A whole amount as the integer that it is, any other as the nearest double. */
export function plainAmount(amount: Amount | null): bigint | number | null {
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
