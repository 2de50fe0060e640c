import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeDuration, formatDuration, parseDurationSeconds } from '../../lib/durations.ts'

describe('durations', () => {
  it('reads every unit of OpenSLO, telling minutes from months by case', () => {
    expect(['30s', '5m', '1h', '28d', '4w', '1M', '1Q', '1Y'].map(parseDurationSeconds)).toEqual([
      30, 300, 3600, 2_419_200, 2_419_200, 2_592_000, 7_776_000, 31_536_000,
    ])
  })

  it('refuses what is not one number and one unit', () => {
    for (const text of ['', '5', 'm', '5 m', '-5m', '1.5h', '1h30m', '5D', '٥m'])
      expect(parseDurationSeconds(text)).toBeUndefined()
  })

  it('writes what it reads back to the same seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 - 1 }), seconds => {
        expect(parseDurationSeconds(formatDuration(seconds))).toBe(seconds)
      }),
    )
  })

  it('speaks in at most two units', () => {
    expect([0, 5, 94, 3600, 90_000, 2_592_000].map(describeDuration)).toEqual([
      '0 s',
      '5 s',
      '1 min 34 s',
      '1 h',
      '1 d 1 h',
      '30 d',
    ])
  })
})
