import { describe, expect, it } from 'vitest'
import { onlySlo, parse, parseGood, service, sloText } from './parse.ts'

const target = (name: string, annotations = '{}') => `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: ${name}, annotations: ${annotations}}
spec: {target: pagerduty}
`
const condition = (name: string, severity: string, body: string) => `apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: ${name}}
spec: {severity: ${severity}, condition: {kind: burnrate, ${body}}}
`
const policy = (name: string, spec: string, annotations = '{}') => `apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: ${name}, annotations: ${annotations}}
spec: ${spec}
`
const rulesOf = (...texts: string[]) => onlySlo(parseGood(service, ...texts)).alerts

describe('without alert policies', () => {
  it('an SLO has the standard ladder and tells every target', () => {
    const rules = rulesOf(sloText(), target('a'), target('b'))
    expect(rules.map(({ severity, targets, conditions }) => [severity, targets, conditions.length])).toEqual([
      ['page', ['a', 'b'], 2],
      ['ticket', ['a', 'b'], 2],
    ])
  })

  it('tells only the targets marked as default, when some are', () => {
    const rules = rulesOf(sloText(), target('a'), target('b', '{ninefold.dev/default: "true"}'))
    expect(rules.map(({ targets }) => targets)).toEqual([['b'], ['b']])
  })

  it('has none when the list is empty on purpose', () => {
    expect(rulesOf(sloText({ alertPolicies: '[]' }), target('a'))).toEqual([])
  })
})

describe('an alert policy', () => {
  it('is honoured as written, whether by name, by reference or in place', () => {
    const expected = {
      severity: 'page',
      alertAfterSeconds: 300,
      keepFiringForSeconds: 300,
      targets: ['on-call'],
      conditions: [{ name: 'fast', op: 'gt', threshold: 8.5, longWindowSeconds: 7200, minCoverage: 0 }],
    }
    const fast = condition('fast', 'page', 'op: gt, threshold: 8.5, lookbackWindow: 2h, alertAfter: 5m')
    const inline = `{kind: AlertCondition, metadata: {name: fast}, spec: {severity: page, condition: {kind: burnrate, op: gt, threshold: 8.5, lookbackWindow: 2h, alertAfter: 5m}}}`
    const named = policy('p', '{conditions: [{conditionRef: fast}], notificationTargets: [{targetRef: on-call}]}')
    const inPlace = `[{kind: AlertPolicy, metadata: {name: p}, spec: {conditions: [${inline}], notificationTargets: [on-call]}}]`
    const texts = [target('on-call'), fast]
    expect(rulesOf(sloText({ alertPolicies: '[p]' }), named, ...texts)).toMatchObject([expected])
    expect(rulesOf(sloText({ alertPolicies: '[{alertPolicyRef: p}]' }), named, ...texts)).toMatchObject([expected])
    expect(rulesOf(sloText({ alertPolicies: inPlace }), target('on-call'))).toMatchObject([expected])
  })

  it('may define its target in place, which then belongs to the set', () => {
    const spec = '{conditions: [fast], notificationTargets: [{metadata: {name: new}, spec: {target: PagerDuty}}]}'
    const fast = condition('fast', 'page', 'op: gte, threshold: 8, lookbackWindow: 2h')
    const specs = parseGood(service, fast, policy('p', spec), sloText({ alertPolicies: '[p]' }))
    expect(specs.targets).toEqual([{ name: 'new', kind: 'pagerduty', displayName: 'new' }])
    expect(onlySlo(specs).alerts[0]?.targets).toEqual(['new'])
  })

  it('may name the standard ladder', () => {
    const ladder = policy('p', '{notificationTargets: [a]}', '{ninefold.dev/ladder: standard}')
    const rules = rulesOf(sloText({ alertPolicies: '[p]' }), target('a'), target('b'), ladder)
    expect(rules.map(({ severity, targets }) => [severity, targets])).toEqual([
      ['page', ['a']],
      ['ticket', ['a']],
    ])
  })

  it('of one severity joins the others in one alert, its conditions ORed and all targets told', () => {
    const texts = [
      target('a'),
      target('b'),
      condition('one', 'ticket', 'op: gte, threshold: 2, lookbackWindow: 1d'),
      condition('two', 'ticket', 'op: lt, threshold: 0.1, lookbackWindow: 7d'),
      policy('p', '{conditions: [one], notificationTargets: [a]}'),
      policy('q', '{conditions: [two], notificationTargets: [b, a]}'),
    ]
    const [rule, ...others] = rulesOf(sloText({ alertPolicies: '[p, q]' }), ...texts)
    expect(others).toEqual([])
    expect(rule).toMatchObject({
      severity: 'ticket',
      targets: ['a', 'b'],
      conditions: [{ name: 'one' }, { name: 'two' }],
    })
    expect(rule?.conditions.map(({ minCoverage }) => minCoverage)).toEqual([0.5, 0.5])
  })

  it('with another waiting time than the others of its severity is not supported yet', () => {
    const texts = [
      condition('one', 'page', 'op: gte, threshold: 2, lookbackWindow: 1d, alertAfter: 5m'),
      condition('two', 'page', 'op: gte, threshold: 4, lookbackWindow: 6h, alertAfter: 1m'),
      policy('p', '{conditions: [one]}'),
      policy('q', '{conditions: [two]}'),
    ]
    const { findings } = parse(service, sloText({ alertPolicies: '[p, q]' }), ...texts)
    expect(findings.map(({ code }) => code)).toEqual(['SPEC_UNSUPPORTED'])
  })

  it('that wants no word of silence turns the no-data alert off, unless the SLO says otherwise', () => {
    const fast = condition('fast', 'page', 'op: gte, threshold: 8, lookbackWindow: 2h')
    const quiet = policy('p', '{alertWhenNoData: false, conditions: [fast]}')
    const seconds = (annotations: string) =>
      onlySlo(parseGood(service, fast, quiet, sloText({ annotations, alertPolicies: '[p]' }))).noDataAfterSeconds
    expect(seconds('{}')).toBe(0)
    expect(seconds('{ninefold.dev/no-data-after: 20m}')).toBe(1200)
  })

  it('is checked although nobody refers to it', () => {
    const { findings } = parse(service, policy('p', '{conditions: [gone]}'))
    expect(findings.map(({ code }) => code)).toEqual(['SPEC_MISSING_REFERENCE'])
  })
})
