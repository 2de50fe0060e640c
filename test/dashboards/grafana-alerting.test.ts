import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { evaluateConditions } from '../../compute/alerts/conditions.ts'
import type { BurnRate } from '../../compute/budget/status.ts'
import { prometheusUid, uidOf } from '../../dashboards/rules/grafana-rules.ts'
import { pipelineRules } from '../../dashboards/rules/pipeline-rules.ts'
import type { Slo, SpecSet } from '../../slo-specs/schema/model.ts'
import { type RunningPrometheus, startPrometheus } from '../factories/prometheus.ts'
import { amtool, receiversOf } from './amtool.ts'
import { type BurnRatesAt, openMetrics, pastOf, startSeconds, stepSeconds, steps } from './burn-past.ts'
import { demoSpecs } from './generated-files.ts'
import { type GrafanaFileRule, readGrafanaFiles } from './grafana-files.ts'
import { notifiedSpecs, told } from './notified-specs.ts'
import { openPromtool, type Promtool } from './promtool.ts'

/** Grafana cannot be had here: its files are held against their documented shape, its routes and questions against Alertmanager and Prometheus. */

const everyRule = (specs: SpecSet) =>
  readGrafanaFiles(specs)
    .groups()
    .flatMap(({ rules }) => rules)

function ruleOf(specs: SpecSet, slo: string, severity: string): GrafanaFileRule {
  const found = everyRule(specs).find(({ labels }) => labels.slo === slo && labels.ninefold_severity === severity)
  if (found === undefined) throw new Error(`${slo} has no ${severity}`)
  return found
}

describe('the files for Grafana', () => {
  it('have the documented shape, ids of their own that stay, and names that do not meet', async () => {
    for (const specs of [await demoSpecs(), notifiedSpecs()]) {
      const rules = everyRule(specs)
      expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length)
      expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length)
    }
    expect(ruleOf(await demoSpecs(), 'cart-latency', 'page').uid).toBe('nf-page-cart-latency')
    const long = (end: string) => uidOf('page', `${'a-rather-long-name-of-an-slo-that-goes-on'}-${end}`)
    expect(long('x')).toHaveLength(40)
    expect(long('x')).not.toBe(long('y'))
    expect(uidOf('page', 'a.b')).not.toBe(uidOf('page', 'a-b'))
  })

  it('hold no key and leave nothing to the environment but the files of keys', () => {
    const { contactPoints, groups, names } = readGrafanaFiles(notifiedSpecs())
    expect(names).toHaveLength(3)
    const keys = contactPoints().map(({ name, receivers: [only] }) => [name, only.settings.integrationKey])
    expect(keys).toEqual([
      ['boss', '$__file{/run/secrets/boss}'],
      ['boss (beginnings only)', '$__file{/run/secrets/boss}'],
      ['everybody', '$__file{/run/secrets/everybody}'],
      ['office', '$__file{/run/secrets/office}'],
      ['on-call', '$__file{/run/secrets/on-call}'],
    ])
    const ends = contactPoints().map(({ receivers: [only] }) => only.disableResolveMessage)
    expect(ends).toEqual([false, true, false, false, false])
    // Dollars are Grafana's in names and labels, and templates' in annotations.
    for (const { title, labels, annotations, data } of groups().flatMap(({ rules }) => rules)) {
      expect(JSON.stringify([title, labels, data])).not.toContain('$')
      for (const text of Object.values(annotations))
        expect(text.replaceAll(/\$(labels|values)\./g, '')).not.toContain('$')
    }
  })

  it('have every rule over the health of the pipeline but the sign of life, without recordings', async () => {
    const rules = everyRule(await demoSpecs()).filter(({ labels }) => labels.slo === undefined)
    const named = pipelineRules.map(({ alert }) => alert).filter(alert => alert !== 'NinefoldWatchdog')
    expect(rules.map(({ title }) => title)).toEqual(named)
    for (const { data } of rules) expect(data[0].model.expr).not.toContain('ninefold:')
    const onError = rules.filter(({ execErrState }) => execErrState === 'Alerting').map(({ title }) => title)
    expect(onError).toEqual(['NinefoldDown'])
  })

  it('ask the data source that is provisioned beside them', () => {
    const file = new URL('../../deploy/grafana/provisioning/datasources/prometheus.yaml', import.meta.url)
    expect(parse(readFileSync(file, 'utf8'))).toMatchObject({
      datasources: [{ type: 'prometheus', uid: prometheusUid }],
    })
  })

  it('make rules alone where there is nobody to tell, and say so', () => {
    const specs = { ...notifiedSpecs(), targets: [] }
    const { defaultTargets: _, ...without } = specs
    const { names, notes } = readGrafanaFiles(without)
    expect(names).toEqual(['grafana-alert-rules.yaml'])
    expect(notes).toContain("nobody is told of the pipeline's own alerts: there is no target")
  })
})

describe('the policies', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ninefold-grafana-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Grafana routes as Alertmanager does, so that its tool can say where to; what is muted goes to a receiver of its own. */
  function asAlertmanager(specs: SpecSet): string {
    const { policies, contactPoints } = readGrafanaFiles(specs)
    const {
      policies: [{ orgId: _, ...root }],
      muteTimes: [mute],
    } = policies()
    const routes = root.routes.map(({ object_matchers, mute_time_intervals = [], ...route }) => {
      const matchers = object_matchers.map(
        ([label, operator, value]) => `${label} ${operator} ${JSON.stringify(value)}`,
      )
      if (mute_time_intervals.length === 0) return { ...route, matchers }
      expect(mute_time_intervals).toEqual([mute.name])
      return { ...route, matchers, receiver: 'muted' }
    })
    expect(mute.time_intervals[0].times).toEqual([{ start_time: '00:00', end_time: '24:00' }])
    const receivers = ['muted', ...contactPoints().map(({ name }) => name)].map(name => ({ name }))
    const file = join(folder, 'alertmanager.yml')
    writeFileSync(file, stringify({ route: { ...root, routes }, receivers }))
    return file
  }

  it('tell whom the specs name', async () => {
    const file = asAlertmanager(notifiedSpecs())
    expect(await amtool('check-config', file)).toMatchObject({ code: 0 })
    for (const [slo, severity, receivers] of told) {
      const labels = { slo, service: 'shop', ninefold_severity: severity, alertname: 'any' }
      expect(await receiversOf(file, labels), `${slo} ${severity}`).toEqual(
        receivers.length > 0 ? receivers : ['muted'],
      )
    }
    expect(await receiversOf(file, { alertname: 'NinefoldDown', severity: 'critical' })).toEqual(['everybody'])
    expect(await receiversOf(file, { alertname: 'SomebodyElses' })).toEqual(['everybody'])
  })

  it('make one incident of what is one episode of Ninefold', () => {
    const {
      policies: [{ routes }],
    } = readGrafanaFiles(notifiedSpecs()).policies()
    const ofSlos = routes.filter(({ object_matchers: [first] }) => first?.[0] === 'service')
    expect(ofSlos.length).toBeGreaterThan(5)
    for (const { group_by } of ofSlos) expect(group_by).toEqual(['slo', 'ninefold_severity'])
  })
})

const answer = z.object({
  data: z.object({ result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })) }),
})

describe("the rules' questions, asked of Prometheus over what Ninefold shows it", () => {
  let specs: SpecSet
  let prometheus: RunningPrometheus
  let past: readonly BurnRatesAt[]
  beforeAll(async () => {
    specs = await demoSpecs()
    past = pastOf(specs.slos)
    prometheus = await startPrometheus(await openMetrics(specs.slos, past))
  })
  afterAll(() => prometheus.close())

  const ask = async ({ data: [{ model }] }: GrafanaFileRule): Promise<ReadonlyMap<number, number>> => {
    const query = new URLSearchParams({
      query: model.expr,
      start: String(startSeconds),
      end: String(startSeconds + (steps - 1) * stepSeconds),
      step: String(stepSeconds),
    })
    const reply = await fetch(`${prometheus.url}/api/v1/query_range?${query}`)
    const { data } = answer.parse(await reply.json())
    expect(data.result.length).toBeLessThanOrEqual(1)
    return new Map(
      data.result[0]?.values.map(([at, value]) => [(at - startSeconds) / stepSeconds, Number(value)]) ?? [],
    )
  }

  it('have the verdicts of Ninefold at every time, tickets that a page silences included', async () => {
    const seen = { firing: 0, quiet: 0, frozen: 0 }
    for (const slo of specs.slos)
      for (const { severity } of slo.alerts) {
        const rule = ruleOf(specs, slo.name, severity)
        const [
          ,
          {
            model: {
              conditions: [
                {
                  evaluator: {
                    params: [above],
                  },
                },
              ],
            },
          },
        ] = rule.data
        const values = await ask(rule)
        for (let index = 0; index < steps; index++) {
          const value = values.get(index)
          const state = value === undefined ? 'frozen' : value > above ? 'firing' : 'quiet'
          expect([slo.name, severity, index, state]).toEqual([
            slo.name,
            severity,
            index,
            verdictOf(slo, severity, past[index]?.get(slo.name) ?? []),
          ])
          seen[state]++
        }
      }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })

  it('are understood, those over the health of the pipeline too', async () => {
    const health = everyRule(specs).filter(({ labels }) => labels.slo === undefined)
    const asked = await Promise.all(health.map(async rule => [rule.title, (await ask(rule)).size] as const))
    // The SLOs are there, and of the pipeline there is no series.
    expect(asked.filter(([, size]) => size > 0)).toEqual([])
  })
})

/** What Ninefold says of an alert of that severity, and whether somebody would be told of it. */
function verdictOf(slo: Slo, severity: string, rates: readonly BurnRate[]): 'firing' | 'quiet' | 'frozen' {
  const resultsOf = (of: string) =>
    slo.alerts.filter(rule => rule.severity === of).flatMap(rule => evaluateConditions(rule, slo, rates))
  const holds = (of: string) => resultsOf(of).some(({ verdict }) => verdict === 'holds')
  if (holds(severity) && !(severity === 'ticket' && holds('page'))) return 'firing'
  return resultsOf(severity).some(({ shortPasses }) => shortPasses === null) ? 'frozen' : 'quiet'
}

describe('a question over time', () => {
  let promtool: Promtool
  beforeAll(async () => {
    promtool = await openPromtool()
  })
  afterAll(() => promtool.close())

  const burn = (window: string, values: string) => ({
    series: `slo_burn_rate{slo="cart-latency",service="cart",window="${window}"}`,
    values,
  })
  const labels = '{slo="cart-latency", service="cart"}'

  it('keeps the ticket quiet for as long as the page is kept firing, and says nothing without data', async () => {
    const {
      data: [{ model }],
    } = ruleOf(await demoSpecs(), 'cart-latency', 'ticket')
    const at = (eval_time: string, value: number | undefined) => ({
      expr: model.expr,
      eval_time,
      exp_samples: value === undefined ? [] : [{ labels, value }],
    })
    // The page burns from the tenth minute to the twentieth, the ticket all the time, until all is gone in the fortieth.
    const page = '1x9 20x10 1x20 stale'
    const ticket = '4x40 stale'
    const { code, said } = await promtool.testRules([
      {
        interval: '1m',
        input_series: [
          burn('1h', page),
          burn('5m', page),
          burn('6h', '1x40 stale'),
          burn('30m', '1x40 stale'),
          burn('1d', ticket),
          burn('2h', ticket),
          burn('3d', '0x40 stale'),
        ],
        promql_expr_test: [at('5m', 4), at('15m', -1), at('23m', -1), at('30m', 4), at('45m', undefined)],
      },
    ])
    expect(code, said).toBe(0)
  })
})
