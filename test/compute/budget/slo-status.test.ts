import { describe, expect, it } from 'vitest'
import { statusFrom, type WindowSum } from '../../../compute/budget/slo-status.ts'
import { neededWindows, periodsAt } from '../../../compute/budget/windows.ts'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import { sampleSlo } from './sample-slo.ts'

const nowMs = Date.parse('2026-11-23T10:20:30Z')
const window = 30 * 86_400

/** Sums of every needed window: `bad` bad per thousand events unless a window is named. */
function sumsOf(slo: Slo, badPerThousand: number, other: Record<number, number> = {}): WindowSum[] {
  return neededWindows(slo, periodsAt(nowMs)).map(windowSeconds => ({
    windowSeconds,
    valid: 1_000_000n,
    good: 1_000_000n - BigInt(Math.round((other[windowSeconds] ?? badPerThousand) * 1000)),
    coverage: 1,
  }))
}

describe('the windows that an SLO needs', () => {
  it('are those of its conditions, the two forecasts and its own, ascending and once each', () => {
    expect(neededWindows(sampleSlo(), periodsAt(nowMs))).toEqual([
      300,
      1800,
      3600,
      7200,
      21_600,
      86_400,
      259_200,
      window,
    ])
    expect(neededWindows(sampleSlo({ alerts: [] }), periodsAt(nowMs))).toEqual([3600, 86_400, window])
  })
})

describe('the status of an SLO', () => {
  it('has every number of the contract from the sums', () => {
    const slo = sampleSlo()
    const status = statusFrom(slo, sumsOf(slo, 0.25), nowMs)
    expect(status).toMatchObject({
      name: 'checkout-availability',
      service: 'checkout',
      objective: 0.999,
      window: { kind: 'rolling', text: '30d', fromMs: Date.parse('2026-10-24T10:20:00Z'), toMs: nowMs },
      good: 999_750n,
      valid: 1_000_000n,
      bad: 250n,
      sli: 0.99975,
      errorBudget: {
        allowed: 1000,
        consumed: 250n,
        remaining: 750,
        remainingRatio: 0.75,
        exhaustedAtMs: nowMs + 90 * 86_400_000,
        exhaustedAtDayRateMs: nowMs + 90 * 86_400_000,
      },
      status: 'healthy',
      inconsistent: false,
      coverage: 1,
      revision: 'r1',
      evaluatedAtMs: nowMs,
    })
    expect(status.burnRates.map(({ window: text, rate }) => `${text} ${rate}`)).toEqual(
      ['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'].map(text => `${text} 0.25`),
    )
  })

  it('is burning when a condition passes over both its windows, and not when only over the long one', () => {
    const slo = sampleSlo()
    expect(statusFrom(slo, sumsOf(slo, 0.1, { 3600: 15, 300: 15 }), nowMs).status).toBe('burning')
    expect(statusFrom(slo, sumsOf(slo, 0.1, { 3600: 15, 300: 14 }), nowMs).status).toBe('healthy')
    expect(statusFrom(slo, sumsOf(slo, 0.1, { 3600: 14.4, 300: 14.4 }), nowMs).status).toBe('burning')
  })

  it('without conditions is burning when the last hour burns faster than the budget lasts', () => {
    const slo = sampleSlo({ alerts: [] })
    expect(statusFrom(slo, sumsOf(slo, 0.1, { 3600: 1 }), nowMs).status).toBe('burning')
    expect(statusFrom(slo, sumsOf(slo, 0.1, { 3600: 0.9 }), nowMs).status).toBe('healthy')
  })

  it('is exhausted when nothing is left, however quiet it is now, and then has no forecast but now', () => {
    const slo = sampleSlo()
    const status = statusFrom(slo, sumsOf(slo, 0.1, { [window]: 1 }), nowMs)
    expect(status.status).toBe('exhausted')
    expect(status.errorBudget.remainingRatio).toBe(0)
    expect(status.errorBudget.exhaustedAtMs).toBe(nowMs)
  })

  it('is no-data without valid events, with a null SLI and an untouched budget', () => {
    const slo = sampleSlo()
    const none = neededWindows(slo, periodsAt(nowMs)).map(windowSeconds => ({
      windowSeconds,
      good: 0n,
      valid: 0n,
      coverage: 0,
    }))
    expect(statusFrom(slo, none, nowMs)).toMatchObject({
      status: 'no-data',
      sli: null,
      errorBudget: { allowed: 0, remaining: 0, remainingRatio: 1, exhaustedAtMs: null },
    })
    expect(statusFrom(slo, [], nowMs).status).toBe('no-data')
  })

  it('flags a source that delivers more good than valid, shows it and burns nothing', () => {
    const slo = sampleSlo()
    const sums = neededWindows(slo, periodsAt(nowMs)).map(windowSeconds => ({
      windowSeconds,
      good: 12n,
      valid: 10n,
      coverage: 1,
    }))
    const status = statusFrom(slo, sums, nowMs)
    expect(status).toMatchObject({ inconsistent: true, sli: 1.2, bad: -2n, status: 'healthy' })
    expect(status.burnRates.map(({ rate }) => rate)).toEqual(sums.map(() => 0))
  })
})
