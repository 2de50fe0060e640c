import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ninefoldKinds } from '../../slo-specs/schema/api-version.ts'
import { kindsWithoutEffect } from '../../slo-specs/schema/kinds/ninefold.ts'
import { parse, service, sloText } from './parse.ts'

const page = readFileSync('docs/specs/ninefold-kinds.md', 'utf8')
const examples = new Map(
  [...page.matchAll(/^## (\w+)\n[\s\S]*?```yaml\n([\s\S]*?)```/gm)].map(([, kind = '', yaml = '']) => [kind, yaml]),
)
/** What the examples refer to. */
const around = [
  service.replace('shop', 'checkout'),
  service,
  sloText({ name: 'checkout-availability' }),
  'apiVersion: openslo/v1\nkind: AlertNotificationTarget\nmetadata: {name: orders-on-call}\nspec: {target: pagerduty}\n',
]
const checked = (text: string) =>
  parse(...around, text).findings.map(({ code, line, column, message }) => ({ code, at: `${line}:${column}`, message }))

describe('the kinds of ninefold.dev/v1', () => {
  it('have an example each on the page about them', () => {
    expect([...examples.keys()].sort()).toEqual([...ninefoldKinds].sort())
  })

  it.each([...examples])('%s: the example is good, and says so when it has no effect yet', (kind, yaml) => {
    const { specs, findings } = parse(...around, yaml)
    expect(specs).not.toBeNull()
    const expected = kindsWithoutEffect.every(name => name !== kind) ? [] : ['SPEC_NO_EFFECT']
    expect([...new Set(findings.map(({ code }) => code))]).toEqual(expected)
  })

  it.each([...examples])('%s: an unknown field and a missing spec are told at their place', (_, yaml) => {
    const [first = ''] = yaml.split('---')
    const codes = (text: string) => checked(text).map(({ code }) => code)
    expect(codes(`${first}  nosuchfield: 1\n`)).toContain('SPEC_UNKNOWN_FIELD')
    expect(codes(first.slice(0, first.indexOf('spec:')))).toEqual(['SPEC_MISSING_FIELD'])
  })

  it.each([
    ['Ratio', 'aggregate: count', 'aggregate: median(duration)'],
    ['Ratio', 'sum(order.total)', 'sum(1 + 2)'],
    ['Ratio', 'kind == "Server"', 'kind == "Sever"'],
    ['SyntheticTransaction', 'every: 1m', 'every: 1min'],
    ['SyntheticTransaction', 'https://shop.example.org/cart', 'ftp://shop.example.org/cart'],
    ['SyntheticTransaction', 'look at the order', 'put into the cart'],
    ['Correction', '2026-11-22T02:00:00Z', '2026-11-21T02:00:00Z'],
    ['Correction', 'Europe/Berlin', 'Europe/Berln'],
    ['Correction', 'FREQ=WEEKLY', 'FREQ=SOMETIMES'],
    ['Correction', 'slos: [checkout-availability]', 'slos: [checkout-availabilty]'],
    ['Correction', '  approver: head of operations\n', ''],
    ['BudgetPolicy', 'remaining: 0.5', 'remaining: 50'],
    ['BudgetPolicy', 'action: freeze', 'action: frieze'],
    ['Journey', 'status != "Error"', 'status != '],
    ['Resource', '  capacity: 500000000000\n', ''],
    ['NotificationRoute', '[orders-on-call]', '[order-on-call]'],
    ['BurnLadder', 'shortWindow: 3h', 'shortWindow: 1d'],
    ['BurnLadder', 'shortWindowDivisor: 12', 'shortWindowDivisor: 7'],
    ['BurnLadder', '  shortWindowDivisor: 12\n', ''],
    ['BurnLadder', 'name: calm\nspec', 'name: standard\nspec'],
    ['BurnLadder', 'severity: ticket', 'severity: page'],
    ['BurnLadder', 'alertAfter: 10m', 'alertAfter: 90s'],
    ['BurnLadder', 'ninefold.dev/ladder: calm', 'ninefold.dev/ladder: clam'],
  ])('%s with %s made %s is found out', (kind, from, to) => {
    const yaml = examples.get(kind) ?? ''
    expect(yaml).toContain(from)
    const findings = checked(yaml.replace(from, to)).filter(({ code }) => code !== 'SPEC_NO_EFFECT')
    expect(findings.length).toBeGreaterThan(0)
    expect(findings).toMatchSnapshot()
  })
})

describe('a burn ladder', () => {
  it('gives an SLO its conditions, each factor from the share and the window', () => {
    const slo = sloText({ name: 'quiet', alertPolicies: '[calm]' })
    const { specs } = parse(...around, examples.get('BurnLadder') ?? '', slo)
    const rules = specs?.slos.find(({ name }) => name === 'quiet')?.alerts
    expect(
      rules?.map(({ severity, conditions, alertAfterSeconds, keepFiringForSeconds, evidence }) => ({
        severity,
        alertAfterSeconds,
        keepFiringForSeconds,
        evidence,
        conditions: conditions.map(each => [
          each.threshold,
          each.longWindowSeconds,
          each.shortWindowSeconds,
          each.minCoverage,
        ]),
      })),
    ).toEqual([
      {
        severity: 'page',
        alertAfterSeconds: 0,
        keepFiringForSeconds: 300,
        evidence: { maxChance: 0.001, minBad: 3 },
        conditions: [[12, 21_600, 1_800, 0]],
      },
      {
        severity: 'ticket',
        alertAfterSeconds: 600,
        keepFiringForSeconds: 300,
        evidence: { maxChance: 0.001, minBad: 3 },
        conditions: [
          [3, 86_400, 10_800, 0.75],
          [(20 * 30) / (100 * 7), 604_800, 50_400, 0.75],
        ],
      },
    ])
  })
})
