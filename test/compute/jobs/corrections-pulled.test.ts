import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { planSpecs } from '../../../compute/jobs/plan-specs.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import { createClickHouseSource } from '../../../compute/sources/clickhouse.ts'
import { createPrometheusSource } from '../../../compute/sources/prometheus.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { type RunningPrometheus, startPrometheus } from '../../factories/prometheus.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import { openTestStore } from './spans.ts'

/**
 * What corrections leave out of counts that others work out, a real Prometheus and SQL over the store's engine. The last hour counts ten requests
 * a minute; from minute 30 to 35 all of them fail.
 */
const end = Math.floor(Date.now() / 3_600_000) * 3600
const begin = end - 3600
const clock = { now: () => end * 1000 + 5000, sleep: async () => {} }
const fails = (minute: number) => minute >= 30 && minute < 35

function openMetrics(): string {
  const series: Record<'200' | '500', string[]> = { 200: [], 500: [] }
  const sums = { 200: 0, 500: 0 }
  for (let minute = -1; minute < 60; minute++) {
    if (minute >= 0) sums[fails(minute) ? 500 : 200] += 10
    for (const code of ['200', '500'] as const)
      series[code].push(`requests_total{code="${code}"} ${sums[code]} ${begin + (minute + 1) * 60}`)
  }
  return ['# TYPE requests counter', ...series[200], ...series[500], '# EOF', ''].join('\n')
}

let store: Store
let close: () => Promise<void>
let prometheus: RunningPrometheus
beforeAll(async () => {
  prometheus = await startPrometheus(openMetrics())
  ;({ store, close } = await openTestStore())
  for (const sql of [
    'CREATE TABLE shop_requests (time DateTime, ok Bool) ENGINE = MergeTree ORDER BY time',
    `INSERT INTO shop_requests SELECT toDateTime(${begin} + number * 6, 'UTC'), NOT (number >= 300 AND number < 350) FROM numbers(600)`,
  ])
    await store.writer.execute({ name: 'shop-requests', sql, params: z.object({}) }, {})
})
afterAll(async () => {
  await close()
  await prometheus.close()
})

const slo = (name: string, ratio: string) => `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}}
spec:
  service: shop
  indicator: {metadata: {name: ${name}}, spec: {ratioMetric: {${ratio}}}}
  timeWindow: [{duration: 1h, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.9}]
`
const asked = (type: string, query: string) => `{metricSource: {type: ${type}, spec: {query: '${query}'}}}`
const rows =
  'SELECT toStartOfMinute(time) AS time, countIf(ok) AS good, count() AS valid FROM shop_requests WHERE time >= {from:DateTime} AND time < {to:DateTime} GROUP BY ALL'

function specsWith(...corrections: string[]): SpecSet {
  const source = `apiVersion: openslo/v1
kind: DataSource
metadata: {name: main}
spec: {type: Prometheus, connectionDetails: {url: "${prometheus.url}"}}
`
  const counters = `counter: true, bad: ${asked('prometheus', 'requests_total{code="500"}')}, total: ${asked('prometheus', 'requests_total')}`
  return parseGood(
    service,
    source,
    slo('by-prometheus', counters),
    slo('by-sql', `raw: ${asked('clickhouse', rows)}, rawType: success`),
    ...corrections,
  )
}

const correction = (fromSeconds: number, toSeconds: number) => `apiVersion: ninefold.dev/v1
kind: Correction
metadata: {name: move}
spec:
  slos: [by-prometheus, by-sql]
  reason: Announced.
  approver: head of operations
  timeRange: {from: "${new Date((begin + fromSeconds) * 1000).toISOString()}", to: "${new Date((begin + toSeconds) * 1000).toISOString()}"}
`

/** Evaluates until everything that was asked for is there. */
async function settled(specs: SpecSet) {
  const sources = {
    prometheus: createPrometheusSource({ allowHosts: [prometheus.host], secretsDirectory: null, timeoutMs: 10_000 }),
    clickhouse: createClickHouseSource(store.guest),
  }
  const evaluator = createEvaluator({
    ...{ store, specs: () => specs, senders: [], sources, clock },
    ...{ logger: silentLogger, meter: createNoopMeter() },
  })
  for (let rounds = 0; rounds < 3; rounds++) {
    await evaluator.tick()
    await evaluator.pulled()
  }
  await evaluator.tick()
  await evaluator.stop()
  return createReports({ reader: store.reader, specs: () => specs, clock })
}

const names = ['by-prometheus', 'by-sql']
const whole = { good: 550n, valid: 600n, coverage: 1 }

test('a correction leaves out whole minutes, which stay covered, and plan says so before it is in force', async () => {
  const plain = specsWith()
  const before = await settled(plain)
  for (const name of names) expect(await before.status(name), name).toMatchObject(whole)

  const corrected = specsWith(correction(30 * 60, 35 * 60))
  const plan = await planSpecs({ reader: store.reader, clock }, { before: plain, after: corrected }, { days: 1 })
  expect(plan.slos.map(({ name, before, after }) => [name, before?.today.valid, after?.today.valid])).toEqual(
    names.map(name => [name, 600n, 550n]),
  )

  const reports = await settled(corrected)
  for (const name of names) {
    expect(await reports.status(name), name).toMatchObject({ good: 550n, valid: 550n, sli: 1, coverage: 1 })
    const range = { fromMs: (begin + 28 * 60) * 1000, toMs: (begin + 37 * 60) * 1000, stepSeconds: 60 }
    const history = await reports.history(name, range)
    expect(history.map(({ valid }) => Number(valid))).toEqual([10, 10, 0, 0, 0, 0, 0, 10, 10])
  }
  // What was known before is as it was.
  for (const name of names) expect(await before.status(name), name).toMatchObject(whole)
})

test('a minute that begins before the correction counts whole', async () => {
  const reports = await settled(specsWith(correction(30 * 60 + 30, 34 * 60 + 30)))
  for (const name of names) expect(await reports.status(name), name).toMatchObject({ good: 550n, valid: 560n })
})
