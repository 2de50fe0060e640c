import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDecimal, hundredth, parseDecimal } from '../../slo-specs/schema/decimal.ts'

describe('a decimal', () => {
  it.each([
    ['0.999', 999n, 1000n],
    ['.5', 5n, 10n],
    ['99.90', 999n, 10n],
    ['9.99e-1', 999n, 1000n],
    ['1e2', 100n, 1n],
    ['-0.25', -25n, 100n],
    ['0', 0n, 1n],
    ['1', 1n, 1n],
  ])('%s is exact', (text, numerator, denominator) => {
    expect(parseDecimal(text)).toEqual({ numerator, denominator })
  })

  it.each(['', '.', 'abc', '0x1', '1_000', '1e', '1e999', 'NaN', '.inf', '1.2.3', `0.${'9'.repeat(40)}`])(
    '%s is none',
    text => {
      expect(parseDecimal(text)).toBeUndefined()
    },
  )

  it('reads back what it writes, and a hundredth of a percentage is the share', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.integer({ min: 0, max: 12 }), (digits, places) => {
        const decimal = parseDecimal(`${digits}e-${places}`)
        if (decimal === undefined) throw new Error('not read')
        expect(parseDecimal(formatDecimal(decimal))).toEqual(decimal)
        expect(decimal.numerator * 10n ** BigInt(places)).toBe(digits * decimal.denominator)
        const share = hundredth(decimal)
        expect(share.numerator * decimal.denominator * 100n).toBe(decimal.numerator * share.denominator)
      }),
    )
  })
})
