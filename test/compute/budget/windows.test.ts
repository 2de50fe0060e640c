import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rollingWindow, windowPlan } from '../../../compute/budget/windows.ts'

const minute = 60_000
const lengths = { minute, hour: 60 * minute, day: 1440 * minute }
const at = (text: string) => Date.parse(text)

describe('the plan of a rolling window', () => {
  it('is whole days in the middle, hours and minutes at the edges, and the running minute', () => {
    expect(windowPlan(at('2026-11-23T10:20:30Z'), 3 * 86_400)).toEqual([
      { resolution: 'minute', fromMs: at('2026-11-20T10:20:00Z'), toMs: at('2026-11-20T11:00:00Z') },
      { resolution: 'hour', fromMs: at('2026-11-20T11:00:00Z'), toMs: at('2026-11-21T00:00:00Z') },
      { resolution: 'day', fromMs: at('2026-11-21T00:00:00Z'), toMs: at('2026-11-23T00:00:00Z') },
      { resolution: 'hour', fromMs: at('2026-11-23T00:00:00Z'), toMs: at('2026-11-23T10:00:00Z') },
      { resolution: 'minute', fromMs: at('2026-11-23T10:00:00Z'), toMs: at('2026-11-23T10:21:00Z') },
    ])
  })

  it('is exactly the window at a minute boundary', () => {
    expect(windowPlan(at('2026-11-23T10:20:00Z'), 300)).toEqual([
      { resolution: 'minute', fromMs: at('2026-11-23T10:15:00Z'), toMs: at('2026-11-23T10:20:00Z') },
    ])
    expect(rollingWindow(at('2026-11-23T10:20:30Z'), 60)).toEqual({
      fromMs: at('2026-11-23T10:19:00Z'),
      toMs: at('2026-11-23T10:20:30Z'),
    })
  })

  it('costs about a hundred rows for 30 days, at most 24 + 24 hours and 60 + 60 minutes beside the days', () => {
    const rows = windowPlan(at('2026-11-23T10:20:30Z'), 30 * 86_400).reduce(
      (sum, { resolution, fromMs, toMs }) => sum + (toMs - fromMs) / lengths[resolution],
      0,
    )
    expect(rows).toBe(40 + 13 + 29 + 10 + 21)
  })

  it('covers every minute of the window once, in order, aligned, with no finer rows than needed', () => {
    const now = fc.integer({ min: 0, max: at('2100-01-01T00:00:00Z') })
    const windowMinutes = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 525_600 }))
    fc.assert(
      fc.property(now, windowMinutes, (nowMs, minutes) => {
        const plan = windowPlan(nowMs, minutes * 60)
        const startMs = Math.floor(nowMs / minute) * minute - minutes * minute
        const endMs = Math.ceil(nowMs / minute) * minute
        let reached = startMs
        for (const { resolution, fromMs, toMs } of plan) {
          expect(fromMs).toBe(reached)
          expect(toMs).toBeGreaterThan(fromMs)
          expect(Math.abs(fromMs % lengths[resolution]) + Math.abs(toMs % lengths[resolution])).toBe(0)
          reached = toMs
        }
        expect(reached).toBe(endMs)
        const rowsOf = (name: string) =>
          plan
            .filter(({ resolution }) => resolution === name)
            .map(({ resolution, fromMs, toMs }) => (toMs - fromMs) / lengths[resolution])
        expect(rowsOf('day').length).toBeLessThanOrEqual(1)
        for (const rows of rowsOf('minute')) expect(rows).toBeLessThan(120)
        for (const rows of rowsOf('hour')) expect(rows).toBeLessThan(48)
      }),
      { numRuns: 500 },
    )
  })
})
