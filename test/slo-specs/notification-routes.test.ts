import { describe, expect, it } from 'vitest'
import { targetsOf } from '../../compute/jobs/episode-records.ts'
import { parse, parseGood, service, sloText } from './parse.ts'

const target = (name: string, annotations = '{}') => `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: ${name}, annotations: ${annotations}}
spec: {target: pagerduty}
`
const targets = [
  target('everybody', '{ninefold.dev/default: "true"}'),
  target('on-call'),
  target('office'),
  target('boss'),
]
const route = (name: string, match: string, names: string) => `apiVersion: ninefold.dev/v1
kind: NotificationRoute
metadata: {name: ${name}}
spec: {match: ${match}, notificationTargets: [${names}]}
`
const policies =
  '[{metadata: {name: own}, spec: {conditions: [{kind: AlertCondition, metadata: {name: fast}, spec: {severity: page, condition: {kind: burnrate, threshold: 10, lookbackWindow: 1h}}}], notificationTargets: [{targetRef: boss}]}}]'

/** Whom the alerts of each severity go to. */
function told(slo: string, ...routes: string[]) {
  const specs = parseGood(service, ...targets, slo, ...routes)
  const [only] = specs.slos
  if (only === undefined) throw new Error('no SLO')
  return Object.fromEntries(
    (['page', 'ticket', 'no-data'] as const).map(severity => [
      severity,
      targetsOf(specs, only, severity).map(({ name }) => name),
    ]),
  )
}

describe('routes of notifications', () => {
  const nobodyElse = { page: ['everybody'], ticket: ['everybody'], 'no-data': ['everybody'] }

  it('leave all as it is where none matches', () => {
    expect(told(sloText())).toEqual(nobodyElse)
    expect(told(sloText(), route('other', '{labels: {team: cart}}', 'office'))).toEqual(nobodyElse)
  })

  it('take the place of the default targets, severity by severity', () => {
    const pages = route('pages', '{severities: [page], services: [shop]}', 'on-call')
    expect(told(sloText(), pages)).toEqual({ page: ['on-call'], ticket: ['everybody'], 'no-data': ['everybody'] })
    const silence = route('silence', '{severities: [no-data], slos: [checkout]}', 'office')
    expect(told(sloText(), pages, silence)).toEqual({ page: ['on-call'], ticket: ['everybody'], 'no-data': ['office'] })
  })

  it('all tell that match, each target once', () => {
    const all = route('all', '{}', 'office, boss')
    const pages = route('pages', '{severities: [page]}', 'on-call, office')
    expect(told(sloText(), all, pages)).toEqual({
      page: ['boss', 'office', 'on-call'],
      ticket: ['boss', 'office'],
      'no-data': ['boss', 'office'],
    })
  })

  it('match only when everything applies, labels with several values included', () => {
    const labelled = sloText().replace('metadata:\n', 'metadata:\n  labels: {team: [orders, cart], tier: "1"}\n')
    expect(told(labelled, route('both', '{labels: {team: cart, tier: "1"}}', 'office')).ticket).toEqual(['office'])
    expect(told(labelled, route('one', '{labels: {team: cart, tier: "2"}}', 'office')).ticket).toEqual(['everybody'])
  })

  it('tell beside whom a policy names', () => {
    expect(told(sloText({ alertPolicies: policies }), route('pages', '{severities: [page]}', 'on-call'))).toEqual({
      page: ['boss', 'on-call'],
      ticket: [],
      'no-data': ['boss'],
    })
  })

  it('refuse a target that nothing can be sent to', () => {
    const chat = target('chat').replace('pagerduty', 'carrier-pigeon')
    const { findings } = parse(service, ...targets, chat, sloText(), route('all', '{}', 'chat'))
    expect(findings.map(({ code, file }) => [code, file])).toEqual([['SPEC_SENDER_MISSING', '8.yaml']])
  })
})
