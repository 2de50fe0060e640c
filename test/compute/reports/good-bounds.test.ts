import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { explainCommand } from '../../../cli/commands/explain.ts'
import { writeInstanceFile } from '../../../cli/instance/running-instance.ts'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { Store } from '../../../store/client/store.ts'
import { startApi } from '../../api/api-under-test.ts'
import { runCommand } from '../../cli/commands/run-command.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import {
  aboveOf,
  delta,
  type Export,
  highestOf,
  insertExports,
  insertGauges,
  insertHistograms,
  metricSource,
  rowOf,
  senders,
  sloOfCounts,
} from '../jobs/metric-points.ts'
import { openTestStore } from '../jobs/spans.ts'

/** Bounds of good measurements on the real engine, against what simulated senders measured. */

const nowMs = Math.floor(Date.now() / 60_000) * 60_000 + 30_000
const begin = Math.floor(nowMs / 60_000) * 60 - 7200
const clock = { now: () => nowMs, sleep: async () => {} }
const ratio = (part: string, filter: string) =>
  `ratioMetric: {${part}: ${metricSource(filter)}, total: ${metricSource('name == "latency"')}}`
const texts = [
  service,
  sloOfCounts('inside', ratio('good', 'value <= 0.3')),
  sloOfCounts('inside-bad', ratio('bad', 'value > 0.3 || http.response.status_code >= 500')),
  sloOfCounts('boundary', ratio('good', 'value <= 0.25')),
  sloOfCounts(
    'depth',
    `thresholdMetric: ${metricSource('name == "depth"', ', value: value')}`,
    '{target: 0.9, op: lt, value: 10}',
  ),
  sloOfCounts('counted', `ratioMetric: {good: ${metricSource('ok')}, total: ${metricSource('name == "requests"')}}`),
]
const specs = parseGood(...texts)

let store: Store
let reports: Reports
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())

async function begins() {
  for (const kind of ['gauge', 'sum', 'histogram', 'exponential_histogram'])
    await store.compute.execute(
      { name: 'truncate', sql: `TRUNCATE TABLE otel_metrics_${kind}`, params: z.object({}) },
      {},
    )
  // Within a minute it says what it read before.
  reports = createReports({ reader: store.reader, specs: () => specs, clock })
}

test('a bucket that the value cuts is bad in the one bound and good in the other; at a boundary both are one', async () => {
  await begins()
  const point = { ...rowOf({ name: 'latency', time: begin, start: begin - 60 }), ...delta }
  await insertHistograms(store.writer, [
    { ...point, Count: 100, BucketCounts: [60, 20, 15, 5], ExplicitBounds: [0.1, 0.25, 0.5] },
  ])
  const range = { fromMs: Math.floor(nowMs / 60_000) * 60_000 - 86_400_000, toMs: Math.floor(nowMs / 60_000) * 60_000 }
  expect(await reports.bounds('inside')).toEqual({ ...range, goodAtLeast: 80n, goodAtMost: 95n, valid: 100n })
  expect(await reports.bounds('inside-bad')).toEqual({ ...range, goodAtLeast: 80n, goodAtMost: 95n, valid: 100n })
  expect(await reports.bounds('boundary')).toEqual({ ...range, goodAtLeast: 80n, goodAtMost: 80n, valid: 100n })

  const api = await startApi({ reports })
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-bounds-'))
  writeInstanceFile(folder, { pid: process.pid, apiUrl: api.url, specs: null })
  writeFileSync(join(folder, 'slos.yaml'), texts.join('---\n'))
  const explain = (...args: string[]) =>
    runCommand(explainCommand, ...args, join(folder, 'slos.yaml'), '--data', folder)
  try {
    const { out } = await explain('inside', '--bounds')
    expect(out).toContain('at least 80 and at most 95 of 100 measurements were good.\nThe 15 between lie in buckets')
    expect((await explain('boundary', '--bounds')).out).toContain('exactly 80 of 100 measurements were good')
    const whole: unknown = JSON.parse((await explain('inside', '--bounds', '--json')).out)
    expect(whole).toMatchObject({ bounds: { goodAtLeast: 80, goodAtMost: 95, valid: 100 } })
    await expect(explain('counted', '--bounds')).rejects.toThrow('counted judges no values of metrics')
  } finally {
    await api.close()
    rmSync(folder, { recursive: true })
  }
})

test('values that are known have no bounds apart, and what judges no value has none', async () => {
  await begins()
  await insertGauges(
    store.writer,
    [3, 10, 11].map((Value, index) => ({ ...rowOf({ name: 'depth', time: begin + index }), Value })),
  )
  expect(await reports.bounds('depth')).toMatchObject({ goodAtLeast: 1n, goodAtMost: 1n, valid: 3n })
  expect(await reports.bounds('counted')).toBeNull()
  expect(await reports.bounds('nobody')).toBeNull()
})

const count = (exports: readonly Export[], judge: (of: Export, value: number) => boolean) =>
  BigInt(exports.flatMap(of => (of.kind === 'counter' ? [] : of.news.filter(value => judge(of, value)))).length)

test('whatever was measured lies between them, over restarts and both temporalities', async () => {
  await fc.assert(
    fc.asyncProperty(senders(begin), async exports => {
      await begins()
      await insertExports(store.writer, exports)
      const bounds = await reports.bounds('inside')
      expect(bounds).toMatchObject({
        goodAtLeast: count(exports, (of, value) => highestOf(of, value) <= 0.3),
        goodAtMost: count(exports, (of, value) => aboveOf(of, value) < 0.3),
        valid: count(exports, () => true),
      })
      const truth = count(exports, (_, value) => value <= 0.3)
      expect(bounds !== null && bounds.goodAtLeast <= truth && truth <= bounds.goodAtMost).toBe(true)
    }),
    { numRuns: 8 },
  )
}, 300_000)
