import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { parseGood, service, sloText } from '../slo-specs/parse.ts'

const target = (name: string, isDefault = false, kind = 'pagerduty') => `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: ${name}, annotations: {ninefold.dev/default: "${isDefault}"}}
spec: {target: ${kind}}
`
const route = `apiVersion: ninefold.dev/v1
kind: NotificationRoute
metadata: {name: pages}
spec: {match: {severities: [page], slos: [checkout]}, notificationTargets: [on-call, office]}
`
const policies =
  '[{metadata: {name: own}, spec: {alertWhenResolved: false, conditions: [{kind: AlertCondition, metadata: {name: fast}, spec: {severity: page, condition: {kind: burnrate, threshold: 10, lookbackWindow: 1h}}}], notificationTargets: [{targetRef: boss}]}}]'
const nobody = policies.replace('[{targetRef: boss}]', '[]')
const everybody = [
  target('everybody', true),
  target('on-call'),
  target('office'),
  target('boss'),
  target('chat', false, 'slack'),
]

/** A route, a policy that wants no ends, names that differ by a dot, an SLO that tells nobody, and a target without a sender. */
export function notifiedSpecs(): SpecSet {
  return parseGood(
    service,
    ...everybody,
    sloText(),
    sloText({ name: 'checkout.v2', good: 'name == "a"', alertPolicies: policies }),
    sloText({ name: 'checkoutxv2', good: 'name == "b"' }),
    sloText({
      name: 'silent',
      good: 'name == "c"',
      alertPolicies: nobody,
      annotations: '{ninefold.dev/no-data-after: never}',
    }),
    route,
  )
}

/** Whom each alert of these has to tell, in the order of the names. */
export const told: readonly (readonly [slo: string, severity: string, receivers: readonly string[]])[] = [
  ['checkout', 'page', ['office', 'on-call']],
  ['checkout', 'ticket', ['everybody']],
  ['checkout', 'no-data', ['everybody']],
  ['checkout.v2', 'page', ['boss (beginnings only)']],
  ['checkout.v2', 'no-data', ['boss']],
  // A dot is a dot.
  ['checkoutxv2', 'page', ['everybody']],
  ['silent', 'page', []],
]
