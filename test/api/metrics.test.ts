import { afterEach, describe, expect, it } from 'vitest'
import { readLayerSamples } from '../../api/metrics/layer-samples.ts'
import { type MetricsServer, startMetricsServer } from '../../api/metrics/metrics-server.ts'
import { readRatioLayerSamples, readRatioSamples } from '../../api/metrics/ratio-samples.ts'
import type { MetricsSnapshot } from '../../api/metrics/slo-metrics.ts'
import { freePorts } from '../factories/ninefold.ts'
import { createStandingClock, noon } from './api-under-test.ts'
import { createFixtureRatios } from './fixture-ratios.ts'
import { createFixtureReports } from './fixture-reports.ts'
import { fixtureSlos } from './fixture-specs.ts'

const reports = createFixtureReports(createStandingClock())
const ratios = createFixtureRatios(createStandingClock())
let server: MetricsServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(snapshot: () => MetricsSnapshot): Promise<MetricsServer> {
  const [port = 0] = await freePorts(1)
  server = await startMetricsServer('127.0.0.1', port)
  server.observeSlos(snapshot)
  return server
}

async function fixtureSnapshot(): Promise<MetricsSnapshot> {
  const bounds = { layers: ['region', 'availability_zone'], slos: 2, values: 2, windowSeconds: 3600 } as const
  const statuses = await reports.listStatuses()
  return {
    statuses,
    firing: await reports.episodes({ state: 'firing', limit: 10 }),
    totals: new Map([['checkout-availability', { good: 99_000n, valid: 100_000n }]]),
    layers: await readLayerSamples(reports, statuses, bounds, noon),
    ratios: [
      ...(await readRatioSamples(ratios)),
      ...(await readRatioLayerSamples(ratios, { ...bounds, ratios: 2 }, noon)),
    ],
  }
}

/** Series of the text format by name and labels; a line that is none fails. */
async function scrape({ url }: MetricsServer): Promise<Map<string, number>> {
  const lines = (await (await fetch(url)).text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const match = /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/.exec(line)
      if (match === null) throw new Error(`no sample: ${line}`)
      return [match[1] ?? '', Number(match[2])]
    }),
  )
}

describe('metrics', () => {
  it('shows the series of the contract with exactly their names and labels', async () => {
    const series = await scrape(await start(await fixedSnapshot()))
    const labels = 'slo="checkout-availability",service="checkout"'
    expect(series.get(`slo_objective_ratio{${labels}}`)).toBe(0.999)
    expect(series.get(`slo_coverage_ratio{${labels}}`)).toBe(1)
    expect(series.get(`slo_alert_firing{${labels},severity="page"}`)).toBe(1)
    expect(series.get(`slo_alert_firing{${labels},severity="no-data"}`)).toBe(0)
    expect(series.get(`slo_good_events_total{${labels}}`)).toBe(99_000)
    expect(series.get(`slo_valid_events_total{${labels}}`)).toBe(100_000)
    expect(new Set([...series.keys()].map(key => key.replace(/\{.*/, '')))).toEqual(
      new Set([
        ...['slo_objective_ratio', 'slo_sli_ratio', 'slo_error_budget_remaining_ratio', 'slo_burn_rate'],
        ...['slo_good_events_total', 'slo_valid_events_total', 'slo_coverage_ratio', 'slo_alert_firing'],
        'ratio_value',
      ]),
    )
  })

  it('shows ratios as compute has them, and nothing for what has no data', async () => {
    const series = await scrape(await start(await fixedSnapshot()))
    const status = await reports.status('checkout-availability')
    const labels = 'slo="checkout-availability",service="checkout"'
    expect(series.get(`slo_sli_ratio{${labels},window="30d"}`)).toBe(status?.sli)
    expect(series.get(`slo_burn_rate{${labels},window="1h"}`)).toBe(status?.burnRates[2]?.rate)
    expect(series.get(`slo_error_budget_remaining_ratio{${labels}}`)).toBe(status?.errorBudget.remainingRatio)
    expect([...series.keys()].filter(key => key.startsWith('slo_sli_ratio{slo="refunds'))).toEqual([])
  })

  it('shows layers for the worst SLOs only', async () => {
    const series = await scrape(await start(await fixedSnapshot()))
    const layered = [...series.keys()].filter(key => key.startsWith('slo_') && key.includes('layer_value='))
    expect(new Set(layered.map(key => /slo="([^"]*)"/.exec(key)?.[1])).size).toBe(2)
    expect(layered).toHaveLength(2 * 2 * 2 * 2)
  })

  it('shows every ratio over the last hour, its layers apart, and none without a value', async () => {
    const series = await scrape(await start(await fixedSnapshot()))
    const keys = [...series.keys()].filter(key => key.startsWith('ratio_value'))
    expect(keys.map(key => key.replaceAll('"', "'"))).toEqual([
      "ratio_value{ratio='items-per-order',window='1h'}",
      "ratio_value{ratio='orders-per-cart',window='1h'}",
      ...['1', '2'].map(
        n => `ratio_value{ratio='items-per-order',window='1h',layer='region',layer_value='region-${n}'}`,
      ),
      ...['region', 'availability_zone'].flatMap(layer =>
        ['1', '2'].map(
          n => `ratio_value{ratio='orders-per-cart',window='1h',layer='${layer}',layer_value='${layer}-${n}'}`,
        ),
      ),
    ])
    const status = await ratios.status('orders-per-cart')
    expect(series.get('ratio_value{ratio="orders-per-cart",window="1h"}')).toBe(status?.windows[0]?.value)
  })

  it('stops showing an SLO that is gone', async () => {
    const snapshot = await fixtureSnapshot()
    const shown = { now: snapshot }
    const running = await start(() => shown.now)
    const before = await scrape(running)
    shown.now = {
      ...snapshot,
      statuses: snapshot.statuses.filter(status => status.service !== 'cart'),
      layers: [],
      ratios: [],
    }
    const after = await scrape(running)
    const carts = (series: Map<string, number>) => [...series.keys()].filter(key => key.includes('service="cart"'))
    expect([carts(before).length > 0, carts(after)]).toEqual([true, []])
  })

  it('never lets a counter go down, nor count the past of a changed SLO as new', async () => {
    const [status] = await reports.listStatuses()
    if (status === undefined) throw new Error('the fixture has SLOs')
    const shown = { revision: 'one', valid: 100n }
    const running = await start(() => ({
      statuses: [{ ...status, revision: shown.revision }],
      firing: [],
      totals: new Map([[status.name, { good: shown.valid, valid: shown.valid }]]),
      layers: [],
      ratios: [],
    }))
    const values: (number | undefined)[] = []
    for (const [revision, valid] of [
      ['one', 100n],
      ['one', 150n],
      ['one', 120n],
      ['one', 130n],
      ['two', 900n],
      ['two', 905n],
    ] as const) {
      Object.assign(shown, { revision, valid })
      values.push(
        (await scrape(running)).get(`slo_valid_events_total{slo="${status.name}",service="${status.service}"}`),
      )
    }
    expect(values).toEqual([100, 150, 150, 160, 160, 165])
  })

  it('shows every SLO of a large set', async () => {
    const [status] = await reports.listStatuses()
    if (status === undefined) throw new Error('the fixture has SLOs')
    const statuses = Array.from({ length: 3000 }, (_, index) => ({ ...status, name: `slo-${index}` }))
    const series = await scrape(
      await start(() => ({ statuses, firing: [], totals: new Map(), layers: [], ratios: [] })),
    )
    expect([...series.keys()].filter(key => key.startsWith('slo_burn_rate'))).toHaveLength(
      3000 * status.burnRates.length,
    )
  })

  it("shows the pipeline's own counters beside, and quotes what people name things", async () => {
    const snapshot = await fixtureSnapshot()
    const [status] = snapshot.statuses
    if (status === undefined) throw new Error('the fixture has SLOs')
    const odd = { ...status, service: 'a "b"\\c\nd' }
    const running = await start(() => ({ ...snapshot, statuses: [odd] }))
    running.meter.createCounter('ninefold_sink_batches_total').add(3, { topic: 'otlp_spans' })
    const series = await scrape(running)
    expect(series.get('ninefold_sink_batches_total{topic="otlp_spans"}')).toBe(3)
    expect([...series.keys()].some(key => key.includes('service="a \\"b\\"\\\\c\\nd"'))).toBe(true)
  })

  it('says PORT_IN_USE when somebody else listens there', async () => {
    const first = await start(() => ({ statuses: [], firing: [], totals: new Map(), layers: [], ratios: [] }))
    await expect(startMetricsServer('127.0.0.1', Number(new URL(first.url).port))).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    })
  })
})

async function fixedSnapshot(): Promise<() => MetricsSnapshot> {
  const snapshot = await fixtureSnapshot()
  expect(snapshot.statuses).toHaveLength(fixtureSlos.length)
  return () => snapshot
}
