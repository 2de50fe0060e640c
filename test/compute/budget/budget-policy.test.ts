import { expect, it } from 'vitest'
import { policyState } from '../../../compute/budget/budget-policy.ts'
import { onlySlo, parseGood, service, sloText } from '../../slo-specs/parse.ts'

const policy = (name: string, steps: string) => `apiVersion: ninefold.dev/v1
kind: BudgetPolicy
metadata: {name: ${name}}
spec: {slos: [checkout], steps: [${steps}]}
`
const left = (remainingRatio: number, valid = 100n) => ({
  valid,
  errorBudget: {
    ...{ allowed: 10, consumed: 1n, remaining: 9, exhaustedAtMs: null, exhaustedAtDayRateMs: null },
    remainingRatio,
  },
})
const steps =
  '{remaining: 0.5, action: notify}, {remaining: 0.25, action: review, message: Two look.}, {remaining: 0, action: freeze}'

it('the strictest step that is reached counts, at exactly its share as well', () => {
  const slo = onlySlo(parseGood(service, sloText(), policy('shop', steps)))
  const actions = [1, 0.51, 0.5, 0.25, 0.0001, 0, -3].map(ratio => policyState(slo, left(ratio)).action)
  expect(actions).toEqual(['none', 'none', 'notify', 'review', 'review', 'freeze', 'freeze'])
  expect(policyState(slo, left(0.2)).reached.map(({ action, message }) => [action, message])).toEqual([
    ['review', 'Two look.'],
    ['notify', ''],
  ])
})

it('of several policies the strictest step counts', () => {
  const strict = policy('a-strict-one', '{remaining: 0.4, action: freeze}')
  const slo = onlySlo(parseGood(service, sloText(), strict, policy('shop', steps)))
  expect(policyState(slo, left(0.3)).reached[0]).toMatchObject({ policy: 'a-strict-one', action: 'freeze' })
})

it('without a policy a budget that is spent stops changes, and without data nobody can say', () => {
  const slo = onlySlo(parseGood(service, sloText()))
  expect(policyState(slo, left(0.01)).action).toBe('none')
  expect(policyState(slo, left(0)).reached).toEqual([
    { policy: 'default', remaining: 0, action: 'freeze', message: 'The error budget is spent.' },
  ])
  expect(policyState(slo, left(1, 0n))).toEqual({ action: 'unknown', reached: [] })
})
