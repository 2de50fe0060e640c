/** What tests of SLOs over metrics share: the SLOs, an engine that is empty before each test, and the counts that the roll-up made. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { z } from 'zod'
import { createRollup } from '../../../compute/jobs/rollup.ts'
import { planVerdicts } from '../../../compute/jobs/verdict-plan.ts'
import { createVersions } from '../../../compute/jobs/versions.ts'
import { int64 } from '../../../store/client/columns.ts'
import type { Store } from '../../../store/client/store.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'
import { metricSource, sloOfCounts } from './metric-points.ts'
import { openTestStore } from './spans.ts'

/** Open for the tests of a file that imports this. */
export let store: Store
let close: () => Promise<void>
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
})
afterAll(() => close())

export const nowMs = Math.floor(Date.now() / 60_000) * 60_000 + 30_000
/** Two hours ago, at the full minute. */
export const begin = Math.floor(nowMs / 60_000) * 60 - 7200
export const clock = { now: () => nowMs, sleep: async () => {} }
const nextVersion = createVersions(clock, 0n)

/** An SLO over metrics, as somebody writes it. */
function metricSlo(name: string, part: string, total: string, objective?: string): string {
  const counts =
    part === ''
      ? `thresholdMetric: ${metricSource(total, ', value: value')}`
      : `ratioMetric: {${part.replace(/: (.*)$/, (_, filter: string) => `: ${metricSource(filter)}`)}, total: ${metricSource(total)}}`
  return sloOfCounts(name, counts, objective)
}

export const specs = parseGood(
  service,
  metricSlo('available', 'good: http.response.status_code < 500', 'name == "requests" && service.name == "shop"'),
  metricSlo('not-failed', 'bad: http.response.status_code >= 500', 'name in ["requests", "latency"]'),
  metricSlo('at-a-boundary', 'good: value <= 0.25', 'name == "latency"'),
  metricSlo('between-boundaries', 'bad: !(value <= 0.3)', 'name == "latency" && !synthetic'),
  metricSlo('both', 'good: value <= 0.5 && http.response.status_code < 500', 'name == "latency"'),
  metricSlo('errors', 'bad: name == "errors"', 'name == "requests"'),
  metricSlo('successes', 'good: name == "successes"', 'name == "requests"'),
  metricSlo('depth', '', 'name == "depth"', '{target: 0.9, op: lt, value: 10}'),
)

export async function forgetAll() {
  const steps = ['minute', 'hour', 'day'].flatMap(step => [`sli_${step}`, `slo_${step}`])
  const metrics = ['gauge', 'sum', 'histogram', 'exponential_histogram'].map(kind => `otel_metrics_${kind}`)
  for (const table of [...metrics, ...steps, 'arrivals', 'rollup_progress'])
    await store.compute.execute({ name: 'truncate', sql: `TRUNCATE TABLE ${table}`, params: z.object({}) }, {})
}
beforeEach(forgetAll)

/** Without the SLOs that only single tests look at: each costs a statement a tick. */
export const judged = {
  ...specs,
  slos: specs.slos.filter(({ name }) =>
    ['available', 'not-failed', 'at-a-boundary', 'between-boundaries', 'both'].includes(name),
  ),
}

export async function settle(rowsATick = 10_000, of = specs) {
  const plan = planVerdicts(of)
  const rollup = createRollup({
    writer: store.compute,
    clock,
    nextVersion,
    rowsATick,
    rawRetentionSeconds: 35 * 86_400,
  })
  while ((await rollup.tick(plan)).pendingMinutes > 0);
}

export async function rows(sql: string) {
  return store.reader.query(
    { name: 'rows', sql, params: z.object({}), row: z.object({ key: z.string(), good: int64, valid: int64 }) },
    {},
  )
}

export const counted = async (table: string, column: string) =>
  new Map(
    (
      await rows(
        `SELECT concat(Slo, ' ', toString(toUnixTimestamp(${column}))) AS key, sum(Good) AS good, sum(Valid) AS valid
FROM ${table} FINAL GROUP BY Slo, ${column} HAVING valid > 0`,
      )
    ).map(({ key, good, valid }) => [key, [Number(good), Number(valid)] as const]),
  )

export async function totals(slo: string) {
  const [row] = await rows(
    `SELECT '' AS key, sum(Good) AS good, sum(Valid) AS valid FROM slo_minute FINAL WHERE Slo = '${slo}'`,
  )
  return [Number(row?.good), Number(row?.valid)]
}
