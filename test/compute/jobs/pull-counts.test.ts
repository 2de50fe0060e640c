import { metrics } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import { createPrometheusSource } from '../../../compute/sources/prometheus.ts'
import { createLogger } from '../../../lib/logger.ts'
import { int64 } from '../../../store/client/columns.ts'
import type { Store } from '../../../store/client/store.ts'
import { type RunningPrometheus, startPrometheus } from '../../factories/prometheus.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import { openTestStore } from './spans.ts'

/** Counts of a real Prometheus on their way into windows, layers and alerts. */

const minutes = 9 * 60
const hour = Math.floor(Date.now() / 3_600_000) * 3600
/** The first sample; the last one is at the end of the last minute. */
const begin = hour - minutes * 60
let nowMs = hour * 1000 + 5000
const clock = { now: () => nowMs, sleep: async () => {} }

/** What a minute counts: pod b is set back in the middle, and fails for a while. */
const eventsOf = (minute: number) => ({
  a: 10 + (minute % 3),
  b: minute % 7,
  failed: minute > 400 && minute < 420 ? minute % 7 : 0,
})

function openMetrics(): string {
  const sums = { a: 0, b: 0, failed: 0 }
  const [ok, failed, latency, share] = [[], [], [], []] as string[][]
  for (let minute = 0; minute <= minutes; minute++) {
    const at = begin + minute * 60
    const { a, b, failed: bad } = eventsOf(minute - 1)
    if (minute === 270) sums.b = 0
    if (minute > 0) {
      sums.a += a
      sums.b += b - bad
      sums.failed += bad
    }
    ok?.push(`requests_total{pod="a",code="200"} ${sums.a} ${at}`, `requests_total{pod="b",code="200"} ${sums.b} ${at}`)
    failed?.push(`requests_total{pod="b",code="500"} ${sums.failed} ${at}`)
    latency?.push(`latency ${minute % 10 === 0 ? 0.9 : 0.1} ${at}`)
    share?.push(`available 0.75 ${at}`)
  }
  return [
    '# TYPE requests counter',
    ...(ok ?? []),
    ...(failed ?? []),
    '# TYPE latency gauge',
    ...(latency ?? []),
    '# TYPE available gauge',
    ...(share ?? []),
    '# EOF',
    '',
  ].join('\n')
}

let store: Store
let close: () => Promise<void>
let prometheus: RunningPrometheus
beforeAll(async () => {
  prometheus = await startPrometheus(openMetrics())
  ;({ store, close } = await openTestStore())
})
afterAll(async () => {
  await close()
  await prometheus.close()
})

const slo = (name: string, indicator: string, objective: string) => `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}}
spec:
  service: shop
  indicator: {metadata: {name: ${name}}, spec: {${indicator}}}
  timeWindow: [{duration: 8h, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [${objective}]
`
const metric = (query: string, more = '') => `{metricSource: {type: prometheus, spec: {query: '${query}'${more}}}}`

function specs() {
  const source = `apiVersion: openslo/v1
kind: DataSource
metadata: {name: main}
spec: {type: Prometheus, connectionDetails: {url: "${prometheus.url}"}}
`
  const byPod = ', layers: {pod: pod}'
  return parseGood(
    service,
    source,
    slo(
      'by-counter',
      `ratioMetric: {counter: true, bad: ${metric('requests_total{code=~"5.."}', byPod)}, total: ${metric('requests_total', byPod)}}`,
      '{target: 0.99}',
    ),
    slo('fast', `thresholdMetric: ${metric('latency')}`, '{target: 0.8, op: lt, value: 0.5}'),
    slo('ready-made', `ratioMetric: {raw: ${metric('available')}, rawType: success}`, '{target: 0.5}'),
    slo('absent', `ratioMetric: {good: ${metric('sum(nothing)')}, total: ${metric('sum(nothing)')}}`, '{target: 0.5}'),
  )
}

function evaluatorOf() {
  const of = specs()
  const source = createPrometheusSource({ allowHosts: [prometheus.host], secretsDirectory: null, timeoutMs: 10_000 })
  const evaluator = createEvaluator({
    store,
    specs: () => of,
    senders: [],
    sources: { prometheus: source },
    clock,
    logger: createLogger({ level: 'silent' }),
    meter: metrics.getMeter('test'),
  })
  const round = async () => {
    await evaluator.tick()
    await evaluator.pulled()
  }
  return { evaluator, round, reports: createReports({ reader: store.reader, specs: () => of, clock }) }
}

/** Sums of the last minutes before an end (minutes after the beginning), and how many of them were bad. */
function oracle(from: number, to: number, pods: readonly ('a' | 'b')[] = ['a', 'b']) {
  let [valid, bad] = [0, 0]
  for (let minute = from; minute < to; minute++) {
    const { a, b, failed } = eventsOf(minute)
    valid += (pods.includes('a') ? a : 0) + (pods.includes('b') ? b : 0)
    bad += pods.includes('b') ? failed : 0
  }
  return { good: BigInt(valid - bad), valid: BigInt(valid) }
}
const longWindow = { fromMs: (hour - 8 * 3600) * 1000, toMs: hour * 1000 }

test('the newest minutes come first, then the past until the window is filled', async () => {
  const { evaluator, round, reports } = evaluatorOf()
  await round()
  const first = await reports.status('by-counter')
  expect(first).toMatchObject(oracle(minutes - 60, minutes))
  expect(first?.coverage).toBeCloseTo(1 / 8)
  for (let rounds = 0; rounds < 4; rounds++) await round()
  const status = await reports.status('by-counter')
  expect(status).toMatchObject({ ...oracle(60, minutes), coverage: 1, inconsistent: false })
  expect(status?.burnRates.find(({ window }) => window === '1h')).toMatchObject(oracle(minutes - 60, minutes))
  expect(await reports.status('fast')).toMatchObject({ good: 432n, valid: 480n, sli: 0.9, coverage: 1 })
  expect(await reports.status('ready-made')).toMatchObject({ sli: 0.75, coverage: 1, status: 'burning' })
  expect(await reports.status('absent')).toMatchObject({ valid: 0n, coverage: 0, status: 'no-data' })
  const pods = await reports.layers('by-counter', 'pod', longWindow)
  expect(pods.map(({ value, good, valid }) => ({ value, good, valid }))).toEqual([
    { value: 'b', ...oracle(60, minutes, ['b']) },
    { value: 'a', ...oracle(60, minutes, ['a']) },
  ])
  await evaluator.stop()
})

test('hours and days say what minutes say', async () => {
  for (const [step, column] of [
    ['hour', 'Hour'],
    ['day', 'Day'],
  ] as const) {
    const sums = (table: string, start: string) =>
      store.reader.query(
        {
          name: 'sums',
          sql: `SELECT toUnixTimestamp(${start}) AS at, sum(Good) AS good, sum(Valid) AS valid FROM ${table} FINAL
WHERE Slo = 'by-counter' AND ${start} < toDateTime(${step === 'hour' ? hour : hour - (hour % 86_400)}, 'UTC') GROUP BY at ORDER BY at`,
          params: z.object({}),
          row: z.object({ at: z.number(), good: int64, valid: int64 }),
        },
        {},
      )
    const begin = step === 'hour' ? 'toStartOfHour(Minute)' : `toDateTime(toStartOfDay(Minute), 'UTC')`
    expect(await sums(`slo_${step}`, column)).toEqual(await sums('slo_minute', begin))
    expect(await sums(`sli_${step}`, column)).toEqual(await sums('sli_minute', begin))
  }
})

test('while Prometheus is away minutes are missing, not empty, and come when it is back', async () => {
  await prometheus.stop()
  nowMs += 30 * 60_000
  const { evaluator, round, reports } = evaluatorOf()
  await round()
  await round()
  const away = await reports.status('by-counter')
  expect(away).toMatchObject(oracle(90, minutes))
  expect(away?.coverage).toBeCloseTo(1 - 30 / 480)
  await evaluator.stop()
  await prometheus.start()
  nowMs -= 30 * 60_000
  const back = evaluatorOf()
  for (let rounds = 0; rounds < 3; rounds++) await back.round()
  expect(await back.reports.status('by-counter')).toMatchObject({ ...oracle(60, minutes), coverage: 1 })
  await back.evaluator.stop()
})

test('what is read again replaces what was read before, also a layer that is no longer told', async () => {
  const insert = `INSERT INTO sli_minute (Slo, Revision, Minute, Pod, Good, Valid, Version)
SELECT Slo, Revision, max(Minute), 'gone', 5, 5, 1 FROM sli_minute WHERE Slo = 'by-counter' GROUP BY Slo, Revision`
  await store.compute.execute({ name: 'stray', sql: insert, params: z.object({}) }, {})
  nowMs += 60_000
  const { evaluator, round, reports } = evaluatorOf()
  for (let rounds = 0; rounds < 2; rounds++) await round()
  const pods = await reports.layers('by-counter', 'pod', { fromMs: (hour - 600) * 1000, toMs: hour * 1000 })
  expect(pods.find(({ value }) => value === 'gone')).toMatchObject({ good: 0n, valid: 0n })
  await evaluator.stop()
})
