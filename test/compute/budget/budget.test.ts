import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allowedErrorRate,
  allowedEvents,
  burnRate,
  exhaustedAtMs,
  remainingEvents,
  remainingRatio,
  sliOf,
  targetOf,
} from '../../../compute/budget/budget.ts'
import { divide } from '../../../compute/budget/divide.ts'

const counts = (good: number, valid: number) => ({ good: BigInt(good), valid: BigInt(valid) })
const anyCount = fc.bigInt(0n, 2n ** 64n - 1n)
const anyCounts = fc.tuple(anyCount, anyCount).map(([a, b]) => (a < b ? { good: a, valid: b } : { good: b, valid: a }))
/** T = numerator / 10^places with 0 ≤ T < 1. */
const anyTarget = fc
  .integer({ min: 1, max: 9 })
  .chain(places => fc.bigInt(0n, 10n ** BigInt(places) - 1n).map(numerator => ({ numerator, places })))

/** Is `value` the double nearest to top/bottom? Exact: compares distances of the neighbours as integers. */
function isNearest(value: number, top: bigint, bottom: bigint): boolean {
  const distance = (candidate: number) => {
    const { numerator, denominator } = exactly(candidate)
    const difference = top * denominator - numerator * bottom
    return { of: difference < 0n ? -difference : difference, over: denominator * bottom }
  }
  const own = distance(value)
  return [neighbour(value, 1n), neighbour(value, -1n)].every(other => {
    const theirs = distance(other)
    return own.of * theirs.over <= theirs.of * own.over
  })
}

function neighbour(value: number, step: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) + step)
  return view.getFloat64(0)
}

/** A double as the fraction that it is. */
function exactly(value: number): { numerator: bigint; denominator: bigint } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const exponent = bits >> 52n
  const mantissa = (bits & (2n ** 52n - 1n)) | (exponent === 0n ? 0n : 2n ** 52n)
  const shift = (exponent === 0n ? 1n : exponent) - 1075n
  const signed = value < 0 ? -mantissa : mantissa
  return shift >= 0n
    ? { numerator: signed << shift, denominator: 1n }
    : { numerator: signed, denominator: 1n << -shift }
}

describe('the numbers of semantics', () => {
  it('remain exactly 0 of 100 valid, 90 good at 90 %', () => {
    expect(remainingRatio(targetOf('0.9'), counts(90, 100))).toBe(0)
    expect(remainingEvents(targetOf('0.9'), counts(90, 100))).toBe(0)
  })

  it('allow 5.04 bad minutes a week at 99.95 % with one-minute slices', () => {
    expect(allowedEvents(targetOf('0.9995'), counts(0, 10_080))).toBe(5.04)
  })

  it('allow 1,008 bad slices in two weeks at 95 % with one-minute slices', () => {
    expect(allowedEvents(targetOf('0.95'), counts(0, 20_160))).toBe(1008)
  })

  it('judge 90 good of 100 judged slices as 0.9, whatever the slices that were not judged', () => {
    expect(sliOf(counts(90, 100))).toBe(0.9)
    expect(remainingRatio(targetOf('0.99'), counts(90, 100))).toBe(-9)
    expect(burnRate(targetOf('0.99'), counts(90, 100))).toBe(10)
  })

  it('have 1 − 0.999 as 0.001', () => {
    expect(allowedErrorRate(targetOf('0.999'))).toBe(0.001)
    expect(1 - 0.999).not.toBe(0.001)
  })

  it('are signed and never clamped: −3.2 is 320 % over', () => {
    expect(remainingRatio(targetOf('0.9'), counts(58, 100))).toBe(-3.2)
    expect(remainingEvents(targetOf('0.9'), counts(58, 100))).toBe(-32)
  })

  it('are null or a whole budget without valid events, never 0, 1 or NaN by division', () => {
    expect(sliOf(counts(0, 0))).toBeNull()
    expect(burnRate(targetOf('0.9'), counts(0, 0))).toBeNull()
    expect(remainingRatio(targetOf('0.9'), counts(0, 0))).toBe(1)
  })

  it('show more good than valid as it is and burn nothing', () => {
    expect(sliOf(counts(11, 10))).toBe(1.1)
    expect(burnRate(targetOf('0.9'), counts(11, 10))).toBe(0)
  })

  it('know a target of 0, where everything may fail', () => {
    expect(burnRate(targetOf('0'), counts(0, 10))).toBe(1)
    expect(remainingRatio(targetOf('0'), counts(0, 10))).toBe(0)
  })

  it.each(['1', '1.0', '-0.1', '99.9', 'x', ''])('know no target %j', text => {
    expect(() => targetOf(text)).toThrow(RangeError)
  })
})

describe('a division', () => {
  it('gives the nearest double of any two integers', () => {
    const integer = fc.oneof(fc.bigInt(-(2n ** 90n), 2n ** 90n), fc.bigInt(-1000n, 1000n))
    fc.assert(
      fc.property(
        integer,
        integer.filter(value => value !== 0n),
        (top, bottom) => {
          const value = divide(top, bottom)
          const sign = bottom < 0n ? -1n : 1n
          if (top === 0n) expect(value).toBe(0)
          else expect(isNearest(value, top * sign, bottom * sign)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('breaks ties to even like the hardware, and rounds once where the hardware would round twice', () => {
    expect(divide(2n ** 53n + 1n, 1n)).toBe(2 ** 53)
    expect(divide(2n ** 53n + 3n, 1n)).toBe(2 ** 53 + 4)
    expect(divide(2n ** 200n + 2n ** 147n + 1n, 2n ** 147n)).toBe(2 ** 53 + 2)
    expect(() => divide(1n, 0n)).toThrow(RangeError)
  })
})

describe('SLI, budget and burn rate', () => {
  it('are the doubles nearest to the exact fractions', () => {
    fc.assert(
      fc.property(anyCounts, anyTarget, ({ good, valid }, { numerator, places }) => {
        const whole = 10n ** BigInt(places)
        const target = targetOf(`${numerator}e-${places}`)
        const bad = valid - good
        const budget = (whole - numerator) * valid
        const check = (value: number | null, top: bigint, bottom: bigint) => {
          if (top === 0n) expect(value).toBe(0)
          else expect(value !== null && isNearest(value, top, bottom)).toBe(true)
        }
        if (valid === 0n) return
        check(sliOf({ good, valid }), good, valid)
        check(allowedEvents(target, { good, valid }), budget, whole)
        check(remainingEvents(target, { good, valid }), budget - bad * whole, whole)
        check(remainingRatio(target, { good, valid }), budget - bad * whole, budget)
        check(burnRate(target, { good, valid }), bad * whole, budget)
      }),
      { numRuns: 1000 },
    )
  })

  it('of a whole come from the sums over a layer, never from an average of its ratios', () => {
    const parts = fc.array(
      fc.tuple(fc.bigInt(0n, 10n ** 6n), fc.bigInt(0n, 10n ** 6n)).map(([good, bad]) => ({ good, valid: good + bad })),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(parts, anyTarget, (layer, { numerator, places }) => {
        const target = targetOf(`${numerator}e-${places}`)
        const total = layer.reduce((sum, part) => ({ good: sum.good + part.good, valid: sum.valid + part.valid }))
        const remaining = layer.reduce((sum, part) => sum + remainingEvents(target, part), 0)
        const whole = remainingEvents(target, total)
        expect(Math.abs(remaining - whole)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(whole)))
        expect(burnRate(target, total) === null).toBe(total.valid === 0n)
      }),
    )
  })

  it('agree: remaining = 1 − burn over the window itself, and no bad event means burn 0 and remaining 1', () => {
    fc.assert(
      fc.property(anyCounts, anyTarget, (some, { numerator, places }) => {
        const target = targetOf(`${numerator}e-${places}`)
        const burn = burnRate(target, some)
        if (burn === null) return
        expect(remainingRatio(target, some)).toBeCloseTo(1 - burn, 9 - Math.ceil(Math.log10(burn + 10)))
        expect(burnRate(target, { good: some.valid, valid: some.valid })).toBe(0)
        expect(remainingRatio(target, { good: some.valid, valid: some.valid })).toBe(1)
      }),
    )
  })
})

describe('the end of a budget', () => {
  const day = 86_400

  it('is remaining × window ÷ burn from now', () => {
    expect(exhaustedAtMs(0.5, 30 * day, 14.4, 1_000)).toBe(1_000 + 90_000_000)
    expect(exhaustedAtMs(1, 30 * day, 1, 0)).toBe(30 * day * 1000)
  })

  it('is unknown when nothing burns, nothing is known, or no calendar reaches it', () => {
    expect(exhaustedAtMs(0.5, day, 0, 0)).toBeNull()
    expect(exhaustedAtMs(0.5, day, null, 0)).toBeNull()
    expect(exhaustedAtMs(0.5, day, 1e-12, 0)).toBeNull()
  })

  it('is now when the budget is spent and burning', () => {
    expect(exhaustedAtMs(-3.2, day, 0.5, 77)).toBe(77)
    expect(exhaustedAtMs(0, day, 2, 77)).toBe(77)
  })
})
