import { describe, expect, it } from 'vitest'
import { evaluateConditions } from '../../../compute/alerts/conditions.ts'
import { detectionSeconds } from '../../../compute/alerts/detection.ts'
import { targetOf } from '../../../compute/budget/budget.ts'
import { burnRateOf } from '../../../compute/budget/slo-status.ts'
import type { AlertRule } from '../../../slo-specs/schema/model.ts'
import { sampleSlo, standardRules } from '../budget/sample-slo.ts'
import { ratesOf } from './rates.ts'

const day = 86_400
const ruleOf = (severity: 'page' | 'ticket', windowSeconds = 30 * day): AlertRule => {
  const rule = standardRules(windowSeconds).find(candidate => candidate.severity === severity)
  if (rule === undefined) throw new Error(`no ${severity}`)
  return rule
}
const verdicts = (rule: AlertRule, rates: ReturnType<typeof ratesOf>, slo = sampleSlo()) =>
  evaluateConditions(rule, slo, rates).map(({ verdict }) => verdict)

describe('the standard ladder', () => {
  it.each([
    [7, [3.36, 1.4, 0.7, 7 / 30]],
    [28, [13.44, 5.6, 2.8, 28 / 30]],
    [30, [14.4, 6, 3, 1]],
    [90, [43.2, 18, 9, 3]],
  ])('has the factors of the table for %i days', (days, factors) => {
    const thresholds = standardRules(days * day).flatMap(({ conditions }) =>
      conditions.map(({ threshold }) => threshold),
    )
    expect(thresholds).toEqual(factors)
  })

  it('has short windows of a twelfth and its two severities', () => {
    const windows = standardRules(30 * day).map(({ severity, conditions }) => [
      severity,
      ...conditions.map(({ longWindowSeconds, shortWindowSeconds }) => [longWindowSeconds, shortWindowSeconds]),
    ])
    expect(windows).toEqual([
      ['page', [3600, 300], [21_600, 1800]],
      ['ticket', [day, 7200], [3 * day, 21_600]],
    ])
  })

  it('leaves out what looks back further than the SLO itself', () => {
    expect(standardRules(day).map(({ severity, conditions }) => [severity, conditions.length])).toEqual([
      ['page', 2],
      ['ticket', 1],
    ])
    expect(standardRules(3600).map(({ severity }) => severity)).toEqual(['page'])
  })
})

describe('a condition', () => {
  it('holds at its factor over both windows, and not when one of them is below', () => {
    const at = ratesOf({ 3600: [144, 10_000], 300: [144, 10_000], 21600: [0, 10_000], 1800: [0, 10_000] })
    expect(verdicts(ruleOf('page'), at)).toEqual(['holds', 'below'])
    const shortIsBelow = ratesOf({ 3600: [144, 10_000], 300: [143, 10_000] })
    expect(verdicts(ruleOf('page'), shortIsBelow)[0]).toBe('below')
    const longIsBelow = ratesOf({ 3600: [143, 10_000], 300: [9000, 10_000] })
    expect(verdicts(ruleOf('page'), longIsBelow)[0]).toBe('below')
  })

  it('without data in either window neither holds nor says that it is quiet', () => {
    const [result] = evaluateConditions(ruleOf('page'), sampleSlo(), ratesOf({ 3600: [500, 1000], 300: [0, 0] }))
    expect(result).toMatchObject({ verdict: 'no-data', shortPasses: null, burns: false })
    expect(verdicts(ruleOf('page'), [])).toEqual(['no-data', 'no-data'])
  })

  it('keeps the numbers it saw', () => {
    const [result] = evaluateConditions(ruleOf('page'), sampleSlo(), ratesOf({ 3600: [20, 1000], 300: [5, 100] }))
    expect(result?.evidence).toEqual({
      condition: 'page-1h',
      threshold: 14.4,
      longWindowSeconds: 3600,
      longBurnRate: 20,
      longGood: 980n,
      longValid: 1000n,
      shortWindowSeconds: 300,
      shortBurnRate: 50,
    })
  })

  it('of a ticket waits until half of its long window is covered, of a page does not', () => {
    const ticket = { [day]: [50, 10_000], 7200: [50, 10_000], [3 * day]: [50, 10_000], 21600: [50, 10_000] } as const
    expect(verdicts(ruleOf('ticket'), ratesOf(ticket, { coverage: 0.5 }))).toEqual(['holds', 'holds'])
    expect(verdicts(ruleOf('ticket'), ratesOf(ticket, { coverage: 0.49 }))).toEqual(['uncovered', 'uncovered'])
    const page = ratesOf({ 3600: [50, 1000], 300: [50, 1000] }, { coverage: 0.01 })
    expect(verdicts(ruleOf('page'), page)[0]).toBe('holds')
  })

  it.each([
    ['gt', 6, false],
    ['gte', 6, true],
    ['lt', 6, false],
    ['lte', 6, true],
    ['gt', 5.9, true],
    ['lt', 6.1, true],
  ] as const)('written as a plain one honours %s %d', (op, threshold, holds) => {
    const plain: AlertRule = {
      severity: 'page',
      conditions: [{ name: 'plain', op, threshold, longWindowSeconds: 3600, minCoverage: 0 }],
      alertAfterSeconds: 300,
      keepFiringForSeconds: 300,
      targets: [],
    }
    const [result] = evaluateConditions(plain, sampleSlo(), ratesOf({ 3600: [600, 100_000] }))
    expect(result).toMatchObject({ verdict: holds ? 'holds' : 'below', shortPasses: holds })
    expect(result?.evidence.shortWindowSeconds).toBeNull()
  })
})

describe('on low traffic', () => {
  const lone = { 3600: [1, 5], 300: [1, 1] } as const

  it.each(['0.9', '0.99', '0.995', '0.999', '0.9999'])(
    'one failure among five requests does not page at %s',
    objectiveText => {
      const slo = sampleSlo({ objectiveText })
      expect(verdicts(ruleOf('page'), ratesOf(lone, { objectiveText }), slo)[0]).not.toBe('holds')
    },
  )

  it('one failure is too little evidence although its burn rate is 200 times the budget', () => {
    const [result] = evaluateConditions(ruleOf('page'), sampleSlo(), ratesOf(lone))
    expect(result).toMatchObject({ verdict: 'too-little-evidence', burns: true })
  })

  it('a slow real burn still opens a ticket, and a real outage still pages', () => {
    const slow = ratesOf({ [day]: [6, 600], 7200: [1, 50], [3 * day]: [14, 1800], 21600: [2, 150] })
    expect(verdicts(ruleOf('ticket'), slow)).toContain('holds')
    const outage = ratesOf({ 3600: [3, 6], 300: [2, 2] })
    expect(verdicts(ruleOf('page'), outage)[0]).toBe('holds')
  })

  it('slices that weigh the same are evidence as slices or as events', () => {
    const slices = { seconds: 60, noData: 'bad' } as const
    const parts = 10n ** 18n
    /** Bad of valid events, and bad slices (in hundredths) of so many. */
    const windows = (bad: bigint, valid: bigint, badSlices: bigint, count: bigint) =>
      [3600, 300].map(windowSeconds => {
        const exact = { good: count * parts - (badSlices * parts) / 100n, valid: count * parts }
        const sum = { windowSeconds, good: valid - bad, valid, exact, coverage: 1 }
        return burnRateOf({ objectiveText: '0.999', timeSlices: slices }, sum)
      })
    const verdict = (...of: Parameters<typeof windows>) => verdicts(ruleOf('page'), windows(...of))[0]
    // Every slice loses 2 %: hardly more than one slice of sixty, but 1,200 events.
    expect(verdict(1200n, 60_000n, 120n, 60n)).toBe('holds')
    // Half of the slices are silent, which the SLO calls bad: no event failed.
    expect(verdict(0n, 30_000n, 3000n, 60n)).toBe('holds')
    // Ten quiet slices fail among fifty busy ones: as many events as a burn rate of 1 would show.
    expect(verdict(60n, 60_000n, 1000n, 60n)).toBe('holds')
    // One event alone in its slice fails, and a hundredth of another slice.
    expect(verdict(11n, 59_001n, 101n, 60n)).toBe('too-little-evidence')
  })

  it('what a burn rate of 1 would show often enough is bad luck', () => {
    // 8 bad of 5,000 at 99.9 %: 5 are expected, and 8 or more have a chance of 13 %.
    const rule = { ...ruleOf('ticket'), conditions: ruleOf('ticket').conditions.map(one => ({ ...one, threshold: 1 })) }
    expect(verdicts(rule, ratesOf({ [day]: [8, 5000], 7200: [8, 5000] }))[0]).toBe('too-little-evidence')
    // 14 of 5,000 have a chance of 0.07 %.
    expect(verdicts(rule, ratesOf({ [day]: [14, 5000], 7200: [14, 5000] }))[0]).toBe('holds')
  })

  it('min-valid is a plain floor under the long window', () => {
    const rates = ratesOf({ 3600: [20, 99], 300: [20, 99] })
    expect(verdicts(ruleOf('page'), rates, sampleSlo({ minValid: 100 }))[0]).toBe('too-few-valid')
    expect(verdicts(ruleOf('page'), rates, sampleSlo({ minValid: 99 }))[0]).toBe('holds')
  })
})

describe('the time to detect', () => {
  it('is 51.84 seconds for a total outage at 99.9 % with 14.4 over one hour', () => {
    const condition = { factor: 14.4, longWindowSeconds: 3600 }
    expect(detectionSeconds(targetOf('0.999'), condition, 1)).toBeCloseTo(51.84, 10)
    expect(detectionSeconds(targetOf('0.999'), condition, 0.1)).toBeCloseTo(518.4, 9)
  })

  it('is unknown for an error rate that never reaches the factor', () => {
    const condition = { factor: 14.4, longWindowSeconds: 3600 }
    expect(detectionSeconds(targetOf('0.999'), condition, 0.0143)).toBeNull()
    expect(detectionSeconds(targetOf('0.93'), condition, 1)).toBeNull()
    expect(detectionSeconds(targetOf('0.999'), condition, 0)).toBeNull()
  })
})
