import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '../../cli/config.ts'
import { generators } from '../../cli/generators.ts'
import { buildAlertmanagerConfig } from '../../dashboards/rules/alertmanager.ts'
import { buildPrometheusRules } from '../../dashboards/rules/prometheus-rules.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { startAlertmanager } from '../factories/alertmanager.ts'
import { eventually } from '../factories/ninefold.ts'
import { realPart } from '../real-parts/install.ts'
import { parseGood, service, sloText } from '../slo-specs/parse.ts'
import { demoSpecs } from './generated-files.ts'
import { openPagerDutyDesk } from './pagerduty-desk.ts'
import { runProgram } from './promtool.ts'

/** The configuration, judged by Alertmanager's own tool, and by Alertmanager itself in front of a stand-in for PagerDuty. */

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-alertmanager-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Labels = Readonly<Record<string, string>>

const routingKeyFileOf = (target: string) => `/run/secrets/${target}`

function write(text: string): string {
  const file = join(folder, 'alertmanager.yml')
  writeFileSync(file, text)
  return file
}

const amtool = async (...args: readonly string[]) => runProgram(await realPart('amtool'), ...args)

/** Names of the receivers that Alertmanager would tell, in its order. */
async function receiversOf(file: string, labels: Labels): Promise<string[]> {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  const { code, said } = await amtool('config', 'routes', 'test', `--config.file=${file}`, ...words)
  expect(code, said).toBe(0)
  const [line = ''] = said.split('\n').filter(each => each !== '' && !each.startsWith('Warning:'))
  return line.split(',')
}

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.object({ alert: z.string().optional(), labels: z.record(z.string(), z.string()).optional() })),
    }),
  ),
})

/** The labels of every alert that the Prometheus rules can raise, with those that its series bring. */
function alertsOf(specs: SpecSet): Labels[] {
  const { groups } = rules.parse(parse(buildPrometheusRules(specs)))
  return groups.flatMap(group =>
    group.rules.flatMap(({ alert, labels }) => {
      if (alert === undefined) return []
      const slo = specs.slos.find(({ name }) => name === labels?.slo)
      return [{ alertname: alert, ...labels, ...(slo === undefined ? {} : { service: slo.service }) }]
    }),
  )
}

const target = (name: string, isDefault = false, kind = 'pagerduty') => `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: ${name}, annotations: {ninefold.dev/default: "${isDefault}"}}
spec: {target: ${kind}}
`
const route = (name: string, match: string, names: string) => `apiVersion: ninefold.dev/v1
kind: NotificationRoute
metadata: {name: ${name}}
spec: {match: ${match}, notificationTargets: [${names}]}
`
const policies =
  '[{metadata: {name: own}, spec: {alertWhenResolved: false, conditions: [{kind: AlertCondition, metadata: {name: fast}, spec: {severity: page, condition: {kind: burnrate, threshold: 10, lookbackWindow: 1h}}}], notificationTargets: [{targetRef: boss}]}}]'
const nobody = policies.replace(', notificationTargets: [{targetRef: boss}]', ', notificationTargets: []')

const several = () =>
  parseGood(
    service,
    ...[target('everybody', true), target('on-call'), target('office'), target('boss'), target('chat', false, 'slack')],
    sloText(),
    sloText({ name: 'checkout.v2', good: 'name == "a"', alertPolicies: policies }),
    sloText({ name: 'checkoutxv2', good: 'name == "b"' }),
    sloText({
      name: 'silent',
      good: 'name == "c"',
      alertPolicies: nobody,
      annotations: '{ninefold.dev/no-data-after: never}',
    }),
    route('pages', '{severities: [page], slos: [checkout]}', 'on-call, office'),
  )

describe('the configuration of Alertmanager', () => {
  it('is one to Alertmanager, and tells of every alert of the demo', async () => {
    const specs = await demoSpecs()
    const { text, notes } = buildAlertmanagerConfig(specs, { routingKeyFileOf })
    const file = write(text)
    expect(notes).toEqual([])
    expect(await amtool('check-config', file)).toMatchObject({ code: 0, said: expect.stringContaining('SUCCESS') })
    for (const labels of alertsOf(specs)) {
      const told = labels.severity === 'none' ? 'sign of life' : 'pagerduty'
      expect(await receiversOf(file, labels), JSON.stringify(labels)).toEqual([told])
    }
    expect(await receiversOf(file, { alertname: 'SomebodyElses', severity: 'critical' })).toEqual(['shown only'])
  })

  it('tells whom the specs name, by severity, service and SLO, and says whom it cannot', async () => {
    const specs = several()
    const { text, notes } = buildAlertmanagerConfig(specs, { routingKeyFileOf })
    const file = write(text)
    expect(await amtool('check-config', file)).toMatchObject({ code: 0 })
    const told = (slo: string, severity: string) =>
      receiversOf(file, { slo, service: 'shop', ninefold_severity: severity, alertname: 'any' })
    expect(await told('checkout', 'page')).toEqual(['office', 'on-call'])
    expect(await told('checkout', 'ticket')).toEqual(['everybody'])
    expect(await told('checkout', 'no-data')).toEqual(['everybody'])
    expect(await told('checkout.v2', 'page')).toEqual(['boss (beginnings only)'])
    expect(await told('checkout.v2', 'no-data')).toEqual(['boss'])
    // A dot is a dot.
    expect(await told('checkoutxv2', 'page')).toEqual(['everybody'])
    expect(await told('silent', 'page')).toEqual(['shown only'])
    expect(notes).toEqual([
      'the target chat is told through slack, for which the specs have no address: it is left out',
      'nobody is told of page alerts of silent',
    ])
    for (const note of notes) expect(text).toContain(`# Not in it: ${note}.`)
    const { receivers } = parse(text) as {
      receivers: { name: string; pagerduty_configs?: { send_resolved: boolean }[] }[]
    }
    expect(receivers.map(({ name, pagerduty_configs: [config] = [] }) => [name, config?.send_resolved])).toEqual([
      ['shown only', undefined],
      ['sign of life', undefined],
      ['boss', true],
      ['boss (beginnings only)', false],
      ['everybody', true],
      ['office', true],
      ['on-call', true],
    ])
  })

  it('has the keys of the configuration by file, and the address where it is another', () => {
    writeFileSync(join(folder, 'on-call'), 'R-secret')
    const sets = [
      `pagerduty.routingKeysDirectory=${folder}`,
      'pagerduty.routingKeyFile=/run/secrets/shared',
      'pagerduty.url=https://events.eu.pagerduty.com',
      'viewer.url=https://slo.example.org/',
    ]
    const generate = (...given: string[]) =>
      generators.get('alertmanager')?.(several(), loadConfig({ environment: {}, sets: given }).config).files[0]?.text ??
      ''
    const text = generate(...sets)
    expect(text).not.toContain('R-secret')
    const keys = [...text.matchAll(/routing_key_file: (.+)/g)].map(([, path]) => path)
    const shared = '/run/secrets/shared'
    expect(keys).toEqual([shared, shared, shared, shared, join(folder, 'on-call')])
    expect(text).toContain('url: https://events.eu.pagerduty.com/v2/enqueue')
    expect(text).toContain('client_url: https://slo.example.org{{ with .CommonLabels.slo }}/slos/{{ . }}{{ end }}')
    expect(generate()).not.toMatch(/ url:|client_url/)
  })
})

describe('Alertmanager with this configuration', () => {
  it('opens one incident for an SLO that burns, keeps its ticket quiet, resolves it, and then tells the ticket', async () => {
    const desk = await openPagerDutyDesk()
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, '0123456789abcdef0123456789abcdef')
    const specs = await demoSpecs()
    const options = {
      routingKeyFileOf: () => keyFile,
      enqueueUrl: `${desk.url}/v2/enqueue`,
      viewerUrl: 'https://slo.example.org',
    }
    const config = parse(buildAlertmanagerConfig(specs, options).text) as { route: Record<string, unknown> }
    // All of it but the waiting, which is a person's.
    Object.assign(config.route, { group_wait: '2s', group_interval: '1s' })
    const alertmanager = await startAlertmanager(write(stringify(config)), folder)
    const alert = (severity: string, alertname: string, runbook?: string) => ({
      labels: {
        alertname,
        slo: 'cart-latency',
        service: 'cart',
        ninefold_severity: severity,
        severity: severity === 'page' ? 'critical' : 'warning',
      },
      annotations: {
        summary: 'x',
        description: `cart-latency burns: ${severity}`,
        ...(runbook === undefined ? {} : { runbook_url: runbook }),
      },
    })
    const page = alert('page', 'SloErrorBudgetBurnsFast', 'https://runbooks.example.org/cart')
    const ticket = alert('ticket', 'SloErrorBudgetBurns')
    try {
      await alertmanager.post([page, ticket])
      const told = () =>
        desk.events.map(event => [event.event_action, 'payload' in event ? event.payload.severity : null])
      await eventually(
        async () => told(),
        events => events.length > 0,
        60_000,
      )
      expect(told()).toEqual([['trigger', 'critical']])
      expect(desk.events[0]).toMatchObject({
        payload: {
          summary: 'cart-latency burns: page',
          class: 'SloErrorBudgetBurnsFast',
          group: 'cart',
          custom_details: { slo: 'cart-latency', service: 'cart', severity: 'page' },
        },
        client: 'Ninefold',
        client_url: 'https://slo.example.org/slos/cart-latency',
        links: [{ href: 'https://runbooks.example.org/cart', text: 'Runbook' }],
      })
      await alertmanager.post([{ ...page, endsAt: new Date().toISOString() }, ticket])
      await eventually(
        async () => told(),
        events => events.length > 2,
        60_000,
      )
      const [opened, ...later] = desk.events
      const resolved = later.find(event => event.event_action === 'resolve')
      expect(resolved).toMatchObject({ dedup_key: opened?.dedup_key })
      const second = later.find(event => event.event_action === 'trigger')
      expect(second).toMatchObject({ payload: { severity: 'warning', summary: 'cart-latency burns: ticket' } })
      expect(second).not.toHaveProperty('links')
      expect(second?.dedup_key).not.toBe(opened?.dedup_key)
      expect(desk.violations).toEqual([])
    } finally {
      await alertmanager.close()
      await desk.close()
    }
  })
})
