import { expect, it } from 'vitest'
import { type SloRow, statusLines } from '../../cli/status-text.ts'

const window = { text: '28d', from: '2026-10-26T12:00:00.000Z', to: '2026-11-23T12:00:20.000Z' }
const slo = (name: string, more: Partial<SloRow>): SloRow => ({
  ...{ name, service: 'shop', objective: 0.999, objectiveText: '0.999', sli: 0.9995, status: 'healthy' },
  ...{ good: 1999, valid: 2000, window, coverage: 1, data: { from: window.from, to: window.to } },
  ...{ errorBudget: { remainingRatio: 0.5, exhaustedAt: null }, burnRates: [{ window: '1h', rate: 0.5 }] },
  ...more,
})

it('the status of an SLO that is known for a part of its window says so below the table', () => {
  const nothing = { status: 'no-data', sli: null, good: 0, valid: 0, coverage: 0, data: null }
  const lines = statusLines([
    slo('young', { coverage: 0.71428, data: { from: '2026-11-03T12:04:00.000Z', to: window.to } }),
    slo('whole', {}),
    slo('silent', nothing),
  ])
  expect(lines).toHaveLength(5)
  expect(lines.at(-1)).toBe('young: data from 3 November 2026, 12:04 on (UTC), 71.42 % of the window of 28d')
})

it('no SLOs at all are told with where to write one', () => {
  expect(statusLines([])).toEqual(['no SLOs yet: write one in the specs folder, see docs/specs/language.md'])
})
