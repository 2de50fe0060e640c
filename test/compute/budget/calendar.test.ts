import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarPeriod } from '../../../compute/budget/calendar.ts'
import type { CalendarAlignment } from '../../../slo-specs/schema/model.ts'

const hourMs = 3_600_000
const align = (count: number, unit: CalendarAlignment['unit'], startTime: string, timeZone: string) => ({
  count,
  unit,
  startTime,
  timeZone,
})
const at = (alignment: CalendarAlignment, now: string) => {
  const { fromMs, toMs } = calendarPeriod(alignment, Date.parse(now))
  return [new Date(fromMs).toISOString(), new Date(toMs).toISOString()].map(text => text.slice(0, 16))
}

describe('the period of a calendar window', () => {
  it.each([
    [
      'a month in Berlin',
      align(1, 'M', '2026-01-01 00:00:00', 'Europe/Berlin'),
      '2026-11-23T12:00Z',
      '2026-10-31T23:00',
      '2026-11-30T23:00',
    ],
    [
      'the last hour of a month there',
      align(1, 'M', '2026-01-01 00:00:00', 'Europe/Berlin'),
      '2026-10-31T22:59Z',
      '2026-09-30T22:00',
      '2026-10-31T23:00',
    ],
    [
      'a day of 23 hours',
      align(1, 'd', '2026-01-01 00:00:00', 'Europe/Berlin'),
      '2026-03-29T12:00Z',
      '2026-03-28T23:00',
      '2026-03-29T22:00',
    ],
    [
      'a day of 25 hours',
      align(1, 'd', '2026-01-01 00:00:00', 'Europe/Berlin'),
      '2026-10-25T12:00Z',
      '2026-10-24T22:00',
      '2026-10-25T23:00',
    ],
    [
      'a week that begins on Monday',
      align(1, 'w', '2026-01-05 00:00:00', 'UTC'),
      '2026-11-24T00:00Z',
      '2026-11-23T00:00',
      '2026-11-30T00:00',
    ],
    [
      'a quarter',
      align(1, 'Q', '2026-01-01 00:00:00', 'America/New_York'),
      '2026-11-24T00:00Z',
      '2026-10-01T04:00',
      '2027-01-01T05:00',
    ],
    [
      'two years',
      align(2, 'Y', '2024-02-29 00:00:00', 'UTC'),
      '2026-11-24T00:00Z',
      '2026-02-28T00:00',
      '2028-02-29T00:00',
    ],
    [
      'a month that lacks the day',
      align(1, 'M', '2026-01-31 00:00:00', 'UTC'),
      '2026-03-01T00:00Z',
      '2026-02-28T00:00',
      '2026-03-31T00:00',
    ],
    [
      'a period before the first',
      align(1, 'M', '2026-06-01 00:00:00', 'UTC'),
      '2026-02-10T00:00Z',
      '2026-02-01T00:00',
      '2026-03-01T00:00',
    ],
    [
      'eight hours, whatever the clocks do',
      align(8, 'h', '2026-03-29 00:00:00', 'Europe/Berlin'),
      '2026-03-29T08:00Z',
      '2026-03-29T07:00',
      '2026-03-29T15:00',
    ],
    [
      'a midnight that the clocks skip',
      align(1, 'd', '2026-01-01 00:00:00', 'Africa/Cairo'),
      '2026-04-24T12:00Z',
      '2026-04-23T22:00',
      '2026-04-24T21:00',
    ],
  ] as const)('%s', (_what, alignment, now, from, to) => {
    expect(at(alignment, now)).toEqual([from, to])
  })

  it('holds its moment and ends where the next begins, in any time zone', () => {
    const alignments = fc.record({
      count: fc.integer({ min: 1, max: 5 }),
      unit: fc.constantFrom('h', 'd', 'w', 'M', 'Q', 'Y'),
      startTime: fc.constantFrom('2026-01-01 00:00:00', '2025-03-31 02:30:00', '2026-10-25 23:45:00'),
      timeZone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/St_Johns',
        'Australia/Lord_Howe',
        'Pacific/Apia',
        'Asia/Kolkata',
      ),
    })
    const moments = fc.integer({
      min: Date.parse('2024-01-01T00:00Z') / 60_000,
      max: Date.parse('2028-01-01T00:00Z') / 60_000,
    })
    fc.assert(
      fc.property(alignments as fc.Arbitrary<CalendarAlignment>, moments, (alignment, minute) => {
        const nowMs = minute * 60_000
        const period = calendarPeriod(alignment, nowMs)
        expect(period.fromMs).toBeLessThanOrEqual(nowMs)
        expect(period.toMs).toBeGreaterThan(nowMs)
        expect(period.fromMs % 60_000).toBe(0)
        expect(calendarPeriod(alignment, period.toMs).fromMs).toBe(period.toMs)
        expect(calendarPeriod(alignment, period.fromMs)).toEqual(period)
        if (alignment.unit === 'h') expect(period.toMs - period.fromMs).toBe(alignment.count * hourMs)
      }),
      { numRuns: 500 },
    )
  })
})
