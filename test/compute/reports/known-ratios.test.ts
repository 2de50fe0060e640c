import { expect, it } from 'vitest'
import { z } from 'zod'
import { rollupProgressTable } from '../../../store/tables/rollup-progress.ts'
import { noHistory, ratioRevisionsTable } from '../../../store/tables/spec-revisions.ts'
import { parseGood } from '../../slo-specs/parse.ts'
import { hourStartMs, nowMs, opened, paid, ratioPast, span } from '../jobs/ratio-past.ts'
import { ratioText } from '../jobs/ratio-specs.ts'

/** Which part of their windows and ranges ratios are of, over the real engine. Now is 30 seconds after a whole hour. */

const minuteMs = 60_000
const dayMs = 86_400_000
const floorMs = nowMs - 30_000
const past = ratioPast()
const specs = parseGood(ratioText('paid', paid, opened))
const run = (sql: string) => past.store().writer.execute({ name: 'change', sql, params: z.object({}) }, {})

async function windowsOf() {
  const status = await past.reportsOf(specs).status('paid')
  return status?.windows.map(({ data, coverage }) => ({ data, coverage }))
}

it('says from when on there were data, of each window', async () => {
  const firstMs = hourStartMs - 2 * 60 * minuteMs
  // Two minutes have data, one of them within the last hour.
  await past.given(specs, [span(firstMs + 1000, 'cart'), span(hourStartMs + 5 * minuteMs, 'cart')])
  expect(await windowsOf()).toEqual([
    { data: { fromMs: floorMs - 60 * minuteMs, toMs: nowMs }, coverage: 1 / 60 },
    { data: { fromMs: firstMs, toMs: nowMs }, coverage: 2 / 1440 },
    { data: { fromMs: firstMs, toMs: nowMs }, coverage: 2 / (30 * 1440) },
  ])
})

it('says that it is of the running minute, where that holds the first data', async () => {
  await past.given(specs, [span(floorMs + 1000, 'cart')])
  const data = { fromMs: floorMs, toMs: nowMs }
  expect(await windowsOf()).toEqual([1, 2, 3].map(() => ({ data, coverage: 0 })))
})

it('says nothing of a signal that was never received, and is known as far as the side of which less is', async () => {
  const firstMs = hourStartMs + 5 * minuteMs
  await past.given(specs, [span(firstMs, 'cart'), span(firstMs + 10 * minuteMs, 'cart')])
  const mixed = parseGood(ratioText('mixed', paid, { signal: 'logs' }))
  const reports = past.reportsOf(mixed)
  const range = { fromMs: hourStartMs, toMs: nowMs }
  expect(await reports.known('mixed', range, 60)).toEqual({ data: { fromMs: firstMs, toMs: nowMs }, coverage: 0 })
  const Start = (firstMs + 10 * minuteMs) / 1000
  const row = {
    Step: 'minute' as const,
    Signal: 'logs',
    Start,
    Rows: 1n,
    Settled: 1,
    LastShard: 0,
    Shard: 0,
    Version: 1n,
  }
  await past.store().writer.insert(rollupProgressTable, [row])
  expect(await reports.known('mixed', range, 60)).toEqual({
    data: { fromMs: firstMs + 10 * minuteMs, toMs: nowMs },
    coverage: 1 / 60,
  })
  expect(await reports.known('unknown', range)).toBeUndefined()
})

it('says from when on a revision was worked out, where raw events reached back no further when it came', async () => {
  const minutes = [0, 10, 20, 30].map(minute => hourStartMs + minute * minuteMs)
  await past.given(
    specs,
    minutes.map(atMs => span(atMs, 'cart')),
  )
  const [ratio] = specs.ratios
  const record = (HistoryFrom: number, HistoryDone: number, Version: bigint) =>
    past.store().writer.insert(ratioRevisionsTable, [
      {
        ...{ Ratio: 'paid', Revision: ratio?.revision ?? '', Document: '{}', SpecSetRevision: '', FirstSeenAt: nowMs },
        ...{ HistoryFrom, HistoryDone, Version },
      },
    ])
  const fromMs = hourStartMs + 20 * minuteMs
  await record(fromMs / 1000, 1, 1n)
  expect((await windowsOf())?.[0]).toEqual({ data: { fromMs, toMs: nowMs }, coverage: 2 / 60 })
  await record(noHistory, 0, 2n)
  expect((await windowsOf())?.[0]).toEqual({ data: null, coverage: 0 })
})

it('says which part of a range is left, whose fine rows are past their retention', async () => {
  await past.given(specs, [span(hourStartMs, 'cart')])
  const firstDay = Math.floor((nowMs - 20 * dayMs) / dayMs) * dayMs
  await run(`INSERT INTO ratio_day (Ratio, Revision, Side, Day, Events, Version)
SELECT Ratio, Revision, Side, toDateTime(${firstDay / 1000}, 'UTC'), Events, 1 FROM ratio_minute`)
  const progress = {
    Step: 'minute' as const,
    Signal: 'traces',
    Rows: 1n,
    Settled: 1,
    LastShard: 0,
    Shard: 0,
    Version: 1n,
  }
  await past.store().writer.insert(rollupProgressTable, [{ ...progress, Start: firstDay / 1000 }])
  const reports = past.reportsOf(specs)
  const range = { fromMs: firstDay, toMs: nowMs }
  const { data, coverage } = (await reports.known('paid', range)) ?? {}
  expect(data).toEqual({ fromMs: firstDay, toMs: nowMs })
  expect(coverage).toBe((2 * minuteMs) / (floorMs - firstDay))
  expect(await reports.known('paid', range, 60)).toEqual({
    data: { fromMs: hourStartMs, toMs: nowMs },
    coverage: minuteMs / (floorMs - firstDay),
  })
})
