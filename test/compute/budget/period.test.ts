import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partsOf, periodAfter, periodAt, periodBefore, periodOf } from '../../../compute/budget/period.ts'

const span = (text: string, timeZone = 'UTC') => {
  const period = periodOf(text, timeZone)
  return period && [period.fromMs, period.toMs].map(ms => new Date(ms).toISOString().slice(0, 16))
}
const hours = (text: string, timeZone: string) => {
  const period = periodOf(text, timeZone)
  return period && (period.toMs - period.fromMs) / 3_600_000
}

describe('a calendar period', () => {
  it('is a year, quarter, month, ISO week or day', () => {
    expect(span('2026')).toEqual(['2026-01-01T00:00', '2027-01-01T00:00'])
    expect(span('2026-Q4')).toEqual(['2026-10-01T00:00', '2027-01-01T00:00'])
    expect(span('2026-11')).toEqual(['2026-11-01T00:00', '2026-12-01T00:00'])
    expect(span('2026-W01')).toEqual(['2025-12-29T00:00', '2026-01-05T00:00'])
    expect(span('2026-W53')).toEqual(['2026-12-28T00:00', '2027-01-04T00:00'])
    expect(span('2024-02-29')).toEqual(['2024-02-29T00:00', '2024-03-01T00:00'])
  })

  it('begins and ends at midnight of its time zone, also where that is a day away or daylight saving changes', () => {
    expect(span('2026-11', 'Europe/Berlin')).toEqual(['2026-10-31T23:00', '2026-11-30T23:00'])
    expect([hours('2026-03-29', 'Europe/Berlin'), hours('2026-10-25', 'Europe/Berlin')]).toEqual([23, 25])
    expect(span('2026-01-01', 'Pacific/Kiritimati')).toEqual(['2025-12-31T10:00', '2026-01-01T10:00'])
    expect(span('2026-01-01', 'Pacific/Pago_Pago')).toEqual(['2026-01-01T11:00', '2026-01-02T11:00'])
  })

  it.each([
    '2026-13',
    '2026-Q5',
    '2026-W54',
    '2025-W53',
    '2026-02-30',
    '26',
    '2026-1',
    'now',
    '1999',
    '2026-11-27T00',
    '',
  ])('is not "%s"', text => {
    expect(periodOf(text, 'UTC')).toBeUndefined()
  })

  it('is not a day that a zone that crossed the date line never had', () => {
    expect(periodOf('2011-12-30', 'Pacific/Apia')).toBeUndefined()
    expect(periodOf('2011-12-31', 'Pacific/Apia')?.text).toBe('2011-12-31')
  })

  it('has the moments of its own, follows the one before and is followed by the next without a gap', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu')
    const moment = fc.date({ min: new Date('2001-01-02'), max: new Date('2060-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(moment, zones, fc.constantFrom('d', 'w', 'M', 'Q', 'Y'), (date, timeZone, unit) => {
        const period = periodAt(unit, date.getTime(), timeZone)
        expect(period.fromMs).toBeLessThanOrEqual(date.getTime())
        expect(period.toMs).toBeGreaterThan(date.getTime())
        expect(periodBefore(period).toMs).toBe(period.fromMs)
        expect(periodAfter(period).fromMs).toBe(period.toMs)
      }),
      { numRuns: 50 },
    )
    const textBefore = (text: string) => periodBefore(periodOf(text, 'UTC') ?? never()).text
    expect(['2026-Q1', '2026-W01', '2026-01'].map(textBefore)).toEqual(['2025-Q4', '2025-W52', '2025-12'])
  })

  it('has parts from its beginning on, of which the last may be cut off', () => {
    const parts = (text: string, timeZone: string, until = Number.POSITIVE_INFINITY) =>
      partsOf(periodOf(text, timeZone) ?? never(), until)
    const counts = ['2026-11-27', '2026-W48', '2026-11', '2026-Q4', '2026'].map(text => parts(text, 'UTC').length)
    expect(counts).toEqual([24, 7, 30, 14, 12])
    const october = parts('2026-10', 'Europe/Berlin')
    expect(october).toHaveLength(31)
    // The day on which daylight saving ends has 25 hours.
    expect(((october[25] ?? 0) - (october[24] ?? 0)) / 3_600_000).toBe(25)
    expect(parts('2026-11', 'UTC', Date.UTC(2026, 10, 3, 12))).toEqual([1, 2, 3].map(day => Date.UTC(2026, 10, day)))
  })
})

const never = (): never => {
  throw new Error('no such period')
}
