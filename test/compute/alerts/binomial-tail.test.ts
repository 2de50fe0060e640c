import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialTail } from '../../../compute/alerts/binomial-tail.ts'
import { divide } from '../../../compute/budget/divide.ts'

/** P(X ≥ k) of n trials at p = a/b, summed exactly. */
function oracle(k: number, n: number, a: bigint, b: bigint): number {
  let sum = 0n
  let ways = 1n
  for (let x = 0; x <= n; x++) {
    if (x >= k) sum += ways * a ** BigInt(x) * (b - a) ** BigInt(n - x)
    ways = (ways * BigInt(n - x)) / BigInt(x + 1)
  }
  return divide(sum, b ** BigInt(n))
}

describe('the binomial tail', () => {
  it('agrees with the exact sum to eleven digits, far into the tail', () => {
    const chance = fc.constantFrom<[bigint, bigint]>(
      [1n, 1000n],
      [1n, 100n],
      [1n, 20n],
      [1n, 10n],
      [3n, 10n],
      [1n, 2n],
      [9n, 10n],
    )
    const cases = fc
      .integer({ min: 1, max: 120 })
      .chain(n => fc.tuple(fc.integer({ min: 0, max: n + 1 }), fc.constant(n), chance))
    fc.assert(
      fc.property(cases, ([k, n, [a, b]]) => {
        const exact = oracle(k, n, a, b)
        expect(Math.abs(binomialTail(k, n, divide(a, b)) - exact)).toBeLessThanOrEqual(1e-11 * exact + 1e-300)
      }),
      { numRuns: 500 },
    )
  })

  it('has the figures of a calculation by hand', () => {
    expect(binomialTail(1, 5, 0.001)).toBeCloseTo(1 - 0.999 ** 5, 15)
    expect(binomialTail(5, 5, 0.5)).toBeCloseTo(1 / 32, 15)
    expect(binomialTail(0, 5, 0.5)).toBe(1)
    expect(binomialTail(6, 5, 0.5)).toBe(0)
    expect(binomialTail(3, 5, 0)).toBe(0)
    expect(binomialTail(3, 5, 1)).toBe(1)
  })

  it('stays a falling probability for a billion and more trials, and meets the normal law there', () => {
    for (const n of [1e9, 1e12]) {
      const mean = n * 0.001
      const sigma = Math.sqrt(mean * 0.999)
      const tails = [-3, -1, 0, 1, 2.326_347_874, 6, 30].map(z => binomialTail(Math.round(mean + z * sigma), n, 0.001))
      expect(tails).toEqual([...tails].sort((a, b) => b - a))
      expect(tails[2]).toBeCloseTo(0.5, 3)
      expect(tails[4]).toBeCloseTo(0.01, 4)
      expect(tails[5]).toBeLessThan(2e-9)
      expect(tails[6]).toBeGreaterThan(0)
    }
  })
})
