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
import { amtool, receiversOf } from './amtool.ts'
import { demoSpecs } from './generated-files.ts'
import { notifiedSpecs, told } from './notified-specs.ts'
import { openPagerDutyDesk } from './pagerduty-desk.ts'

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

describe('the configuration of Alertmanager', () => {
  it('is one to Alertmanager, and tells of every alert of the demo', async () => {
    const specs = await demoSpecs()
    const { text, notes } = buildAlertmanagerConfig(specs, { routingKeyFileOf })
    const file = write(text)
    expect(notes).toEqual([])
    expect(await amtool('check-config', file)).toMatchObject({ code: 0, said: expect.stringContaining('SUCCESS') })
    for (const labels of alertsOf(specs)) {
      const receiver = labels.severity === 'none' ? 'sign of life' : 'pagerduty'
      expect(await receiversOf(file, labels), JSON.stringify(labels)).toEqual([receiver])
    }
    expect(await receiversOf(file, { alertname: 'SomebodyElses', severity: 'critical' })).toEqual(['shown only'])
  })

  it('tells whom the specs name, by severity, service and SLO, and says whom it cannot', async () => {
    const specs = notifiedSpecs()
    const { text, notes } = buildAlertmanagerConfig(specs, { routingKeyFileOf })
    const file = write(text)
    expect(await amtool('check-config', file)).toMatchObject({ code: 0 })
    for (const [slo, severity, receivers] of told) {
      const labels = { slo, service: 'shop', ninefold_severity: severity, alertname: 'any' }
      expect(await receiversOf(file, labels), `${slo} ${severity}`).toEqual(
        receivers.length > 0 ? receivers : ['shown only'],
      )
    }
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
      generators.get('alertmanager')?.(notifiedSpecs(), loadConfig({ environment: {}, sets: given }).config).files[0]
        ?.text ?? ''
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
      const sent = () =>
        desk.events.map(event => [event.event_action, 'payload' in event ? event.payload.severity : null])
      await eventually(
        async () => sent(),
        events => events.length > 0,
        60_000,
      )
      expect(sent()).toEqual([['trigger', 'critical']])
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
        async () => sent().map(([action, severity]) => `${action} ${severity}`),
        events => events.includes('resolve null') && events.includes('trigger warning'),
        60_000,
      )
      const [opened, ...later] = desk.events
      const resolved = later.find(event => event.event_action === 'resolve')
      expect(resolved).toMatchObject({ dedup_key: opened?.dedup_key })
      const second = later.find(event => 'payload' in event && event.payload.severity === 'warning')
      expect(second).toMatchObject({ event_action: 'trigger', payload: { summary: 'cart-latency burns: ticket' } })
      expect(second).not.toHaveProperty('links')
      expect(second?.dedup_key).not.toBe(opened?.dedup_key)
      expect(desk.violations).toEqual([])
    } finally {
      await alertmanager.close()
      await desk.close()
    }
  })
})
