import { expect } from 'vitest'
import { z } from 'zod'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import { int64 } from '../../../store/client/columns.ts'
import type { Store } from '../../../store/client/store.ts'
import { evaluateFilter, type TestSpan } from './evaluate-filter.ts'
import { ratioOf } from './slos.ts'

const steps = [
  ['minute', 'Minute', 60],
  ['hour', 'Hour', 3600],
  ['day', 'Day', 86_400],
] as const

const tables = [
  'otel_traces',
  'arrivals',
  'rollup_progress',
  'spec_revisions',
  'ratio_revisions',
  ...steps.flatMap(([step]) => [`sli_${step}`, `slo_${step}`, `ratio_${step}`]),
]

/** Raw events, roll-ups and what was noted of them are gone. */
export async function forgetRollups(store: Store): Promise<void> {
  for (const table of tables)
    await store.compute.execute({ name: 'truncate', sql: `TRUNCATE TABLE ${table}`, params: z.object({}) }, {})
}

type Counts = Map<string, readonly [good: bigint, valid: bigint]>

function oracle(slos: readonly Slo[], events: readonly TestSpan[], stepSeconds: number, untilMs: number): Counts {
  const counts: Counts = new Map()
  for (const slo of slos)
    for (const event of events) {
      const start = Math.floor(event.atMs / 1000 / stepSeconds) * stepSeconds
      if ((start + stepSeconds) * 1000 > untilMs || !evaluateFilter(ratioOf(slo).total.expression, event)) continue
      const { good, bad } = ratioOf(slo)
      const isGood = good ? evaluateFilter(good.expression, event) : bad && !evaluateFilter(bad.expression, event)
      const key = `${slo.name} ${start}`
      const [countedGood, countedValid] = counts.get(key) ?? [0n, 0n]
      counts.set(key, [countedGood + (isGood ? 1n : 0n), countedValid + 1n])
    }
  return counts
}

async function counted(store: Store, table: string, column: string): Promise<Counts> {
  const rows = await store.reader.query(
    {
      name: 'counted',
      sql: `SELECT Slo AS slo, toUnixTimestamp(${column}) AS start, sum(Good) AS good, sum(Valid) AS valid FROM ${table} FINAL GROUP BY Slo, ${column}`,
      params: z.object({}),
      row: z.object({ slo: z.string(), start: z.number(), good: int64, valid: int64 }),
    },
    {},
  )
  return new Map(rows.map(row => [`${row.slo} ${row.start}`, [row.good, row.valid]]))
}

/** Minutes, hours and days, with layers and in total, hold exactly what an integer oracle counts. */
export async function expectOracle(
  store: Store,
  slos: readonly Slo[],
  events: readonly TestSpan[],
  nowMs: number,
): Promise<void> {
  const end = Math.floor(nowMs / 60_000) * 60_000 + 60_000
  for (const [step, column, seconds] of steps) {
    const expected = oracle(slos, events, seconds, end)
    expect(await counted(store, `slo_${step}`, column), `totals by ${step}`).toEqual(expected)
    expect(await counted(store, `sli_${step}`, column), `layers by ${step}`).toEqual(expected)
  }
}
