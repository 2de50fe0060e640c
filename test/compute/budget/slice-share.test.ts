import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divide } from '../../../compute/budget/divide.ts'
import { sliceShareOf } from '../../../compute/budget/slice-share.ts'
import { judgedSlices } from '../../../compute/budget/slicing.ts'
import { statusFrom } from '../../../compute/budget/slo-status.ts'
import type { TimeSlices } from '../../../slo-specs/schema/model.ts'
import { notFailed, serviceIs, sloOf } from '../jobs/slos.ts'

const slices: TimeSlices = { seconds: 60, noData: 'ignore' }
const { parts, goodOf } = sliceShareOf(slices)
const range = { from: 0, until: 600, now: 600 }
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n)

/** Σ good ÷ valid over slices as one fraction, nothing rounded. */
function exactMean(list: readonly { readonly good: bigint; readonly valid: bigint }[]) {
  const valid = list.reduce((product, slice) => product * slice.valid, 1n)
  return { good: sum(list.map(slice => (slice.good * valid) / slice.valid)), valid: valid * BigInt(list.length) }
}

const slice = fc
  .tuple(fc.bigInt(0n, 1_000_000n), fc.bigInt(0n, 1_000_000n))
  .map(([good, bad]) => ({ good, valid: good + bad + 1n }))

describe('slices that are good in parts', () => {
  it('give the mean of their SLIs, whatever their traffic: 1 of 3, 2000 of 3000 and 10 of 10 make two thirds', () => {
    const list = [
      { good: 1n, valid: 3n },
      { good: 2000n, valid: 3000n },
      { good: 10n, valid: 10n },
    ]
    const events = { good: 2011n, valid: 3013n }
    const read = { good: sum(list.map(goodOf)), judged: 3n, over: 3n, events }
    const counts = judgedSlices(read, slices, range)
    expect(counts).toEqual({ ...events, exact: { good: 2n * parts, valid: 3n * parts } })
  })

  it('are as near to the exact mean as doubles can tell', () => {
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 60 }), list => {
        const exact = exactMean(list)
        const mean = { good: sum(list.map(goodOf)), valid: BigInt(list.length) * parts }
        // |a/b − c/d| ≤ 10⁻¹⁸ ÷ 2
        const apart = mean.good * exact.valid - exact.good * mean.valid
        expect((apart < 0n ? -apart : apart) * 2n * parts <= mean.valid * exact.valid).toBe(true)
        expect(divide(mean.good, mean.valid)).toBeCloseTo(divide(exact.good, exact.valid), 15)
      }),
    )
  })

  it('without valid events are left out, good or bad as a slice is of Timeslices', () => {
    const read = { good: parts / 2n, judged: 1n, over: 1n, events: { good: 5n, valid: 10n } }
    const mean = (noData: 'ignore' | 'good' | 'bad') => judgedSlices(read, { ...slices, noData }, range).exact
    expect(mean('ignore')).toEqual({ good: parts / 2n, valid: parts })
    expect(mean('good')).toEqual({ good: parts / 2n + 9n * parts, valid: 10n * parts })
    expect(mean('bad')).toEqual({ good: parts / 2n, valid: 10n * parts })
  })
})

describe('the status of an SLO whose slices are good in parts', () => {
  const slo = sloOf(
    'mean',
    { total: serviceIs('shop'), good: notFailed },
    { budgetingMethod: 'RatioTimeslices', timeSlices: slices },
  )
  const week = 7 * 86_400
  const nowMs = 1_700_000_040_000
  /** Of ten slices a quiet one lost three quarters of its SLI, nine busy ones nothing. */
  const counts = { good: 9000n, valid: 9002n, exact: { good: 9n * parts + parts / 4n, valid: 10n * parts } }
  const status = statusFrom(slo, [{ windowSeconds: week, coverage: 1, ...counts }], nowMs)

  it('has events for counts, the mean for its SLI, and a budget in slices that is not rounded', () => {
    expect(status).toMatchObject({ good: 9000n, valid: 9002n, bad: 2n, sli: 0.925 })
    expect(status.errorBudget).toMatchObject({ allowed: 100.8, consumed: 0.75, remaining: 100.05 })
    expect(status.errorBudget.remainingRatio).toBe(100.05 / 100.8)
  })

  it('says of each burn rate how many whole slices were lost', () => {
    const [own] = status.burnRates
    expect(own?.rate).toBeCloseTo(7.5, 12)
    expect(own?.slices).toEqual({ good: 10n, valid: 10n })
  })

  it('is no-data only when no slice is judged', () => {
    const silent = { good: 0n, valid: 0n, exact: { good: 0n, valid: 5n * parts } }
    expect(statusFrom(slo, [{ windowSeconds: week, coverage: 1, ...silent }], nowMs)).toMatchObject({
      sli: 0,
      status: 'healthy',
    })
    const none = { good: 0n, valid: 0n, exact: { good: 0n, valid: 0n } }
    expect(statusFrom(slo, [{ windowSeconds: week, coverage: 1, ...none }], nowMs)).toMatchObject({
      sli: null,
      status: 'no-data',
    })
  })
})
