import { describe, expect, it } from 'vitest'
import { diffSlos } from '../../slo-specs/schema/diff-slos.ts'
import { parseGood, type SloParts, service, sloText } from './parse.ts'

const set = (parts: SloParts) => parseGood(service, sloText(parts))
const changes = (before: SloParts, after: SloParts) =>
  diffSlos(set(before), set(after)).flatMap(({ fields }) => fields.map(({ field, touches }) => `${field}: ${touches}`))

const definition = (kind: string, spec: string) =>
  `apiVersion: ninefold.dev/v1\nkind: ${kind}\nmetadata: {name: one}\nspec: {${spec}}\n`
const correction = (reason: string) =>
  definition(
    'Correction',
    `slos: [checkout], reason: ${reason}, approver: somebody, timeRange: {from: 2026-11-21T22:00:00Z, to: 2026-11-22T02:00:00Z}`,
  )
const route = (match: string) => definition('NotificationRoute', `match: {${match}}, notificationTargets: [on-call]`)
const policy = (remaining: number) =>
  definition('BudgetPolicy', `slos: [checkout], steps: [{remaining: ${remaining}, action: freeze}]`)
const target = (name: string) => `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: ${name}, annotations: {ninefold.dev/default: "${name === 'everybody'}"}}
spec: {target: pagerduty}
`

describe('what differs between two sets of specs', () => {
  it('is nothing when only comments, order and ways of writing differ', () => {
    const written = sloText({ good: 'status != "Error" && kind == "Server"', objective: '{target: 0.9990}' })
    const other = `# why\n${sloText({ good: '(status != "Error")\n&& (kind == "Server")', objective: '{targetPercent: 99.9}' })}`
    const changed = diffSlos(parseGood(service, written), parseGood(other, service))
    expect(changed.map(({ kind, fields }) => [kind, fields])).toEqual([['unchanged', []]])
  })

  it.each<[string, SloParts, string[]]>([
    ['the objective', { objective: '{target: 0.99}' }, ['objective: budget']],
    ['what is good', { good: 'kind == "Server"' }, ['good: counts']],
    ['the layers', { annotations: '{ninefold.dev/layers: pod}' }, ['layers: counts']],
    ['the window', { window: '28d' }, ['window: budget']],
    ['the alerts', { alertPolicies: '[]' }, ['page: alerts', 'ticket: alerts']],
    ['the floor of evidence', { annotations: '{ninefold.dev/min-valid: "20"}' }, ['min-valid: alerts']],
    ['the silence', { annotations: '{ninefold.dev/no-data-after: never}' }, ['no-data-after: alerts']],
    ['the runbook', { annotations: '{ninefold.dev/runbook: "https://example.org"}' }, ['runbook: words']],
    ['an annotation of others', { annotations: '{example.org/owner: orders}' }, ['annotations: words']],
  ])('is found in %s, with what it touches', (_, after, expected) => {
    expect(changes({}, after)).toEqual(expected)
  })

  it.each<[string, string, string, string[]]>([
    ['a correction', '', correction('Announced.'), ['corrections: counts', 'approved: words']],
    ['the reason of one', correction('Announced.'), correction('Agreed.'), ['approved: words']],
    ['a route of pages', '', route('severities: [page]'), ['page: alerts', 'no-data tells: alerts']],
    [
      'whom a route is about',
      route('services: [other]'),
      route('slos: [checkout]'),
      ['page: alerts', 'ticket: alerts', 'no-data tells: alerts'],
    ],
    ['a budget policy', '', policy(0.1), ['budget policy: words']],
    ['a step of one', policy(0.1), policy(0.2), ['budget policy: words']],
  ])('is found in %s, of the other kinds', (_, before, after, expected) => {
    const targets = ['everybody', 'on-call'].map(target)
    const other = service.replace('shop', 'other')
    const withMore = (more: string) =>
      parseGood(...[service, other, ...targets, sloText(), more].filter(text => text !== ''))
    const found = diffSlos(withMore(before), withMore(after))
    expect(found.flatMap(({ fields }) => fields.map(({ field, touches }) => `${field}: ${touches}`))).toEqual(expected)
  })

  it('is an SLO that came or went', () => {
    expect(diffSlos(set({ name: 'a' }), set({ name: 'b' })).map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'removed'],
      ['b', 'added'],
    ])
  })
})
