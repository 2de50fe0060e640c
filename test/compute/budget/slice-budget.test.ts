import { describe, expect, it } from 'vitest'
import { sliOf, targetOf } from '../../../compute/budget/budget.ts'
import { sliceBudget } from '../../../compute/budget/slice-budget.ts'
import { judgedSlices, noSlices } from '../../../compute/budget/slicing.ts'

const week = 7 * 86_400
const minutes = { seconds: 60, targetText: '0.9' }
const events = { good: 0n, valid: 0n }

describe('the budget of time slices', () => {
  it('of a week at 99.95 % in slices of a minute is 5.04 of them', () => {
    expect(sliceBudget(targetOf('0.9995'), { good: 0n, valid: 0n }, week, minutes)).toEqual({
      allowed: 5.04,
      consumed: 0n,
      remaining: 5.04,
      ratio: 1,
    })
  })

  it('of two weeks at 95 % is 1,008 slices of a minute, the same however many have been judged', () => {
    const half = sliceBudget(targetOf('0.95'), { good: 9_496n, valid: 10_000n }, 2 * week, minutes)
    expect(half).toEqual({ allowed: 1008, consumed: 504n, remaining: 504, ratio: 0.5 })
  })

  it('is signed: three times too many bad slices leave −2', () => {
    expect(sliceBudget(targetOf('0.95'), { good: 0n, valid: 3024n }, 2 * week, minutes).ratio).toBe(-2)
  })
})

describe('slices without valid events', () => {
  const read = { good: 90n, judged: 100n, over: 100n, events }
  const range = { from: 0, until: week, now: week + 60 }
  const counts = (noData: 'ignore' | 'good' | 'bad') => judgedSlices(read, { ...minutes, noData }, range)

  it('are not judged: 10,080 of which 100 judged and 90 good have an SLI of 0.9', () => {
    expect(counts('ignore')).toEqual({ good: 90n, valid: 100n })
    expect(sliOf(counts('ignore'))).toBe(0.9)
  })

  it('count as good or bad where the annotation says so, once they are over', () => {
    expect(counts('good')).toEqual({ good: 10_070n, valid: 10_080n })
    expect(counts('bad')).toEqual({ good: 90n, valid: 10_080n })
    // Half a day in, half a day of silent slices; the running one waits.
    expect(judgedSlices(noSlices, { ...minutes, noData: 'bad' }, { ...range, now: 43_230 })).toEqual({
      good: 0n,
      valid: 720n,
    })
  })
})
