import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBurnRate, formatRatio } from '../../../compute/budget/format.ts'

describe('a ratio shown to a person', () => {
  it.each([
    [0.99949, {}, '99.94 %'],
    [0.57, {}, '57.00 %'],
    [1, {}, '100.00 %'],
    [0, {}, '0.00 %'],
    [0.999999, {}, '99.99 %'],
    [-3.2, {}, '-320.00 %'],
    [-0.00001, {}, '-0.01 %'],
    [1e-9, { digits: 1 }, '0.0 %'],
    [0.999, { digits: 0 }, '99 %'],
    [0.99952, { target: 0.99955 }, '99.952 %'],
    [0.9995, { target: 0.9995, digits: 1 }, '99.95 %'],
    [null, {}, 'no data'],
  ])('%j with %j is %s', (ratio, format, text) => {
    expect(formatRatio(ratio, format)).toBe(text)
  })

  it('below its target never looks equal to the target, and is never shown better than it is', () => {
    const target = fc.integer({ min: 1, max: 99_999 }).map(value => value / 100_000)
    fc.assert(
      fc.property(
        target,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 4 }),
        (goal, ratio, digits) => {
          const shown = formatRatio(ratio, { target: goal, digits })
          expect(Number(shown.replace(' %', ''))).toBeLessThanOrEqual(ratio * 100 * (1 + 1e-12))
          expect(shown === formatRatio(goal, { target: goal, digits })).toBe(
            ratio >= goal && shown === formatRatio(goal, { target: goal, digits }),
          )
        },
      ),
    )
  })
})

describe('a burn rate shown to a person', () => {
  it.each([
    [14.4, '14.40'],
    [0.001, '0.01'],
    [0, '0.00'],
    [2.341, '2.35'],
    [-1.234, '-1.23'],
    [null, 'no data'],
  ])('%j is %s', (rate, text) => {
    expect(formatBurnRate(rate)).toBe(text)
  })
})
