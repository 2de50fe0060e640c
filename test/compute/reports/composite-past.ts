import { z } from 'zod'
import { createReports } from '../../../compute/reports/create-reports.ts'
import type { Reports } from '../../../compute/reports/reports.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { SpecSet } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { parseGood, service, sloText } from '../../slo-specs/parse.ts'
import { openTestStore } from '../jobs/spans.ts'

const source = (filter: string) => `{metricSource: {type: telemetry, spec: {signal: traces, filter: '${filter}'}}}`
const own = (name: string) =>
  `indicator: {metadata: {name: ${name}}, spec: {ratioMetric: {good: ${source('status != "Error"')}, total: ${source(`service.name == "${name}"`)}}}}`
const objectives = `{displayName: cart, target: 0.9, compositeWeight: 3, ${own('cart')}}, {displayName: pay, target: 0.95, ${own('pay')}}`
const text = (name: string, method: string, more: string) =>
  sloText({
    name,
    window: '3h',
    objective: objectives
      .replaceAll('compositeWeight', `${more}compositeWeight`)
      .replace('target: 0.95,', `target: 0.95, ${more}`),
  }).replace('Occurrences', method)

export interface CompositePast {
  readonly store: Store
  readonly specs: SpecSet
  readonly reports: Reports
  readonly clock: Clock
  close(): Promise<void>
}

/**
 * Composites over the real engine, by events and by time slices; what each minute of their members counts is written into the roll-ups as
 * it would be. Of the 180 minutes before `nowMs` each has 10 events of cart, 3 bad in the last hour, and 100 of pay, 10 bad in the first.
 */
export async function openCompositePast(nowMs: number): Promise<CompositePast> {
  const { store, close } = await openTestStore()
  const clock = { now: () => nowMs, sleep: async () => {} }
  const specs = parseGood(
    service,
    text('buying', 'Occurrences', ''),
    text('sliced', 'Timeslices', 'timeSliceTarget: 0.8, timeSliceWindow: 1m, '),
    text('averaged', 'RatioTimeslices', 'timeSliceWindow: 1m, '),
  )
  const from = nowMs / 1000 - 180 * 60
  for (const { name, revision } of specs.slos) {
    const counts = name.endsWith('cart') ? 'if(number >= 120, 7, 10), 10' : 'if(number < 60, 90, 100), 100'
    if (!/-(cart|pay)$/.test(name)) continue
    const sql = `INSERT INTO slo_minute SELECT '${name}', '${revision}', toDateTime(${from} + number * 60, 'UTC'), ${counts}, 1 FROM numbers(180)`
    await store.writer.execute({ name: 'minutes', sql, params: z.object({}) }, {})
    const coarser = `INSERT INTO slo_hour SELECT Slo, Revision, toStartOfHour(Minute) AS At, sum(Good), sum(Valid), 1 FROM slo_minute
WHERE Slo = '${name}' AND At + 3600 <= toDateTime(${nowMs / 1000}, 'UTC') GROUP BY 1, 2, 3`
    await store.writer.execute({ name: 'hours', sql: coarser, params: z.object({}) }, {})
  }
  return { store, specs, clock, close, reports: createReports({ reader: store.reader, specs: () => specs, clock }) }
}
