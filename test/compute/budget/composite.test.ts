import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { burnRate, sliOf, targetOf } from '../../../compute/budget/budget.ts'
import { sharesOfBad, weighed, weightOf } from '../../../compute/budget/composite.ts'

const member = (good: number, valid: number, weight: string) => ({
  counts: { good: BigInt(good), valid: BigInt(valid) },
  weight: weightOf(weight),
})
const sli = (...members: ReturnType<typeof member>[]) => {
  const { exact, ...counts } = weighed(members)
  return sliOf(exact ?? counts)
}

describe('the weighted mean of SLOs', () => {
  it('weighs SLIs, not events: a busy member counts as much as a quiet one', () => {
    expect(sli(member(50, 100, '1'), member(1_000_000, 1_000_000, '1'))).toBe(0.75)
    expect(sli(member(50, 100, '3'), member(1_000_000, 1_000_000, '1'))).toBe(0.625)
    expect(sli(member(9, 10, '0.1'), member(1, 2, '0.3'))).toBe(0.6)
  })

  it('leaves out members without data, whose weight goes to the others', () => {
    expect(sli(member(0, 0, '9'), member(3, 4, '1'))).toBe(0.75)
    expect(sli(member(1, 2, '0'), member(3, 4, '1'))).toBe(0.75)
    expect(weighed([member(0, 0, '1'), member(5, 5, '0')])).toEqual({ good: 0n, valid: 0n })
  })

  it('burns by its own SLI and not by the mean of its members\u2019 burn rates', () => {
    const { exact = { good: 0n, valid: 0n } } = weighed([member(98, 100, '1'), member(100, 100, '1')])
    expect(burnRate(targetOf('0.99'), exact)).toBe(1)
  })

  it('shows events of its members whose share is at most the SLI, and less than one event below', () => {
    const members = fc.array(
      fc
        .tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), fc.constantFrom('0', '1', '2.5', '0.001', '7'))
        .map(([a, b, weight]) => member(Math.min(a, b), Math.max(a, b), weight)),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(members, drawn => {
        const { good, valid, exact } = weighed(drawn)
        const counted = drawn.filter(({ counts, weight }) => counts.valid > 0n && weight.numerator > 0n)
        expect(valid).toBe(counted.reduce((sum, { counts }) => sum + counts.valid, 0n))
        if (exact === undefined) return
        expect(good * exact.valid <= exact.good * valid && exact.good * valid < (good + 1n) * exact.valid).toBe(true)
        const weights = counted.map(({ weight }) => Number(weight.numerator) / Number(weight.denominator))
        const mean = counted.reduce(
          (sum, { counts }, index) => sum + ((weights[index] ?? 0) * Number(counts.good)) / Number(counts.valid),
          0,
        )
        expect(sliOf(exact)).toBeCloseTo(mean / weights.reduce((a, b) => a + b, 0), 12)
      }),
    )
  })
})

describe('what is whose of a composite\u2019s error rate', () => {
  it('goes by weight and SLI, not by how many events were bad', () => {
    expect(sharesOfBad([member(50, 100, '1'), member(9_000, 10_000, '5')])).toEqual([0.5, 0.5])
    expect(sharesOfBad([member(0, 0, '9'), member(3, 4, '1'), member(1, 2, '0')])).toEqual([0, 1, 0])
  })

  it('is nothing while nothing is bad, and nothing of a member that delivered more good than valid', () => {
    expect(sharesOfBad([member(4, 4, '1'), member(0, 0, '1')])).toEqual([0, 0])
    expect(sharesOfBad([member(5, 4, '1'), member(3, 4, '1')])).toEqual([0, 1])
  })

  it('sums to the whole, and each share is that member\u2019s part of 1 \u2212 SLI', () => {
    const members = fc.array(
      fc
        .tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), fc.constantFrom('0', '1', '2.5', '0.001', '7'))
        .map(([a, b, weight]) => member(Math.min(a, b), Math.max(a, b), weight)),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(members, all => {
        const shares = sharesOfBad(all)
        const sum = shares.reduce((total, share) => total + share, 0)
        const rate =
          (1 - (sli(...all) ?? 1)) *
          all.reduce(
            (total, { counts, weight }) =>
              total + (counts.valid > 0n ? Number(weight.numerator) / Number(weight.denominator) : 0),
            0,
          )
        expect(sum === 0 || Math.abs(sum - 1) < 1e-9).toBe(true)
        for (const [index, { counts, weight }] of all.entries()) {
          const part =
            counts.valid === 0n
              ? 0
              : (Number(weight.numerator) / Number(weight.denominator)) *
                (1 - Number(counts.good) / Number(counts.valid))
          expect(shares[index] ?? 0).toBeCloseTo(sum === 0 ? 0 : part / rate, 6)
        }
      }),
    )
  })
})
