import { z } from 'zod'
import type { AlertEpisode } from '../../../compute/alerts/episode.ts'
import { episodeRow } from '../../../compute/jobs/episode-records.ts'
import type { Slo, TimeWindow } from '../../../slo-specs/schema/model.ts'
import type { Store } from '../../../store/client/store.ts'
import { alertsTable } from '../../../store/tables/alerts.ts'
import { notificationsTable } from '../../../store/tables/notifications.ts'
import { notFailed, serviceIs, sloOf } from '../jobs/slos.ts'

/** Eight weeks of two services over the real engine, from October of Berlin on, by a formula that can be counted by hand. */

export const timeZone = 'Europe/Berlin'
export const nowMs = Date.UTC(2026, 10, 23, 12, 34, 20)
export const firstMs = Date.UTC(2026, 8, 30, 22)
const minuteMs = 60_000
const paged = { fromMs: Date.UTC(2026, 10, 9, 4, 4), toMs: Date.UTC(2026, 10, 9, 4, 39) }

/** Every seventh minute has events; in November more orders fail, most of them around the page. */
export function countsAt(service: 'orders' | 'refunds', atMs: number): { good: bigint; valid: bigint } {
  const minute = atMs / minuteMs
  if (minute % 7 !== 0) return { good: 0n, valid: 0n }
  if (service === 'refunds') return { good: 100n - (minute % 3 === 0 ? 1n : 0n), valid: 100n }
  const valid = BigInt(10 + (minute % 13))
  if (atMs >= paged.fromMs - 3_600_000 && atMs < paged.toMs) return { good: valid - 9n, valid }
  return { good: valid - (minute % 5 === 0 && atMs >= Date.UTC(2026, 10, 1) ? 1n : 0n), valid }
}

export function countsIn(service: 'orders' | 'refunds', fromMs: number, toMs: number) {
  const sum = { good: 0n, valid: 0n }
  for (let atMs = fromMs; atMs < Math.min(toMs, nowMs); atMs += minuteMs) {
    const { good, valid } = countsAt(service, atMs)
    sum.good += good
    sum.valid += valid
  }
  return sum
}

const month: TimeWindow = {
  ...{ kind: 'calendar', seconds: 30 * 86_400, text: '1M' },
  calendar: { count: 1, unit: 'M', startTime: '2026-01-01 00:00:00', timeZone },
}
const counted = { total: serviceIs('orders'), good: notFailed }
const of = (name: string, change: Partial<Slo> = {}) => sloOf(name, counted, { window: month, ...change })
const orders = of('orders', { displayName: 'Orders <are> placed' })
const refunds = of('refunds')

/** Two nights whose events are left out, and whose slices make the budget of November smaller. */
const maintenance: NonNullable<Slo['corrections']>[number] = {
  ...{ name: 'maintenance', description: '', reason: 'Moved to another zone', approver: 'Ada' },
  times: {
    text: 'two nights in November',
    within: ({ fromMs, toMs }) =>
      [3, 17]
        .map(day => ({ fromMs: Date.UTC(2026, 10, day, 1), toMs: Date.UTC(2026, 10, day, 5) }))
        .filter(span => span.fromMs < toMs && span.toMs > fromMs),
  },
}

/** Every method, a composite, and one of which nothing is counted; all with windows that are months of Berlin. */
export const slos: readonly Slo[] = [
  orders,
  refunds,
  of('slices', { budgetingMethod: 'Timeslices', timeSlices: { seconds: 3600, targetText: '0.97', noData: 'ignore' } }),
  of('corrected', {
    ...{ budgetingMethod: 'Timeslices', timeSlices: { seconds: 3600, targetText: '0.97', noData: 'ignore' } },
    corrections: [maintenance],
  }),
  of('means', { budgetingMethod: 'RatioTimeslices', timeSlices: { seconds: 3600, noData: 'ignore' } }),
  of('both', {
    indicator: {
      ...{ kind: 'composite', name: 'both', signal: 'composite' },
      members: [
        { slo: orders, weight: '3' },
        { slo: refunds, weight: '1' },
      ],
    },
  }),
  of('silent', { indicator: { ...orders.indicator, signal: 'logs' } as Slo['indicator'] }),
]

export const page: AlertEpisode = {
  ...{ slo: 'orders', service: 'shop', severity: 'page', state: 'resolved' },
  ...{ dedupKey: 'orders/page/2026-11-09T04:04', pendingSinceMs: paged.fromMs, firedAtMs: paged.fromMs },
  ...{ resolvedAtMs: paged.toMs, quietSinceMs: null, frozen: false, budgetRemainingRatio: 0.4, inhibited: false },
  evidence: [3600, 21_600].map(longWindowSeconds => ({
    ...{ condition: `burn-${longWindowSeconds}`, threshold: 14.4, longWindowSeconds, longBurnRate: 20 },
    ...{ longGood: 80n, longValid: 100n, shortWindowSeconds: 300, shortBurnRate: 30 },
  })),
  burningLayers: [{ layer: 'region', value: 'eu', bad: 20n, valid: 60n, shareOfBad: 1 }],
  suspectVersion: '1.5.0',
}

export async function fillMonths({ writer }: Store): Promise<void> {
  const run = (sql: string) => writer.execute({ name: 'months', sql, params: z.object({}) }, {})
  // What is told here is of one time, whenever it is told.
  for (const table of ['slo_minute', 'slo_hour', 'slo_day', 'rollup_progress'])
    await run(`ALTER TABLE ${table} REMOVE TTL`)
  const endMs = Math.ceil(nowMs / minuteMs) * minuteMs
  const starts: number[] = []
  for (let atMs = firstMs; atMs < endMs; atMs += minuteMs) if (countsAt('orders', atMs).valid > 0n) starts.push(atMs)
  const left = maintenance.times.within({ fromMs: firstMs, toMs: nowMs })
  const isLeft = left.map(({ fromMs, toMs }) => `(c1 >= ${fromMs / 1000} AND c1 < ${toMs / 1000})`).join(' OR ')
  // A statement a service: each makes a part a day.
  for (const service of ['orders', 'refunds'] as const) {
    const rows = starts.map(atMs => {
      const { good, valid } = countsAt(service, atMs)
      return `(${atMs / 1000},${good},${valid})`
    })
    const names = service === 'refunds' ? ['refunds'] : ['orders', 'slices', 'corrected', 'means']
    const keys = names.map(name => `('${name}', 'r-${name}')`).join(',')
    await run(
      `INSERT INTO slo_minute SELECT key.1, key.2, toDateTime(c1, 'UTC'), c2, c3, 1
FROM VALUES('c1 UInt32, c2 UInt64, c3 UInt64', ${rows.join(',')}) ARRAY JOIN [${keys}] AS key
WHERE NOT (key.1 = 'corrected' AND (${isLeft}))`,
    )
  }
  await run(`INSERT INTO slo_hour SELECT Slo, Revision, toStartOfHour(Minute) AS At, sum(Good), sum(Valid), 1 FROM slo_minute
WHERE At < toStartOfHour(toDateTime(${endMs / 1000}, 'UTC')) GROUP BY 1, 2, 3`)
  await run(`INSERT INTO slo_day SELECT Slo, Revision, toDateTime(toStartOfDay(Hour), 'UTC') AS At, sum(Good), sum(Valid), 1 FROM slo_hour
WHERE At < toStartOfDay(toDateTime(${endMs / 1000}, 'UTC')) GROUP BY 1, 2, 3`)
  await run(`INSERT INTO rollup_progress (Step, Signal, Start, Rows, Settled, Version)
SELECT DISTINCT 'minute', 'traces', Minute, 1, 1, 1 FROM slo_minute`)
  await writer.insert(alertsTable, [episodeRow(page, 1n)])
  const { slo: Slo, dedupKey: DedupKey } = page
  const told = (Target: string, Action: 'trigger' | 'resolve', State: 'sent' | 'rejected') => ({
    ...{
      Id: `${DedupKey}/${Target}/${Action}`,
      Slo,
      Severity: 'page' as const,
      Target,
      TargetKind: 'pagerduty',
      Action,
    },
    ...{ DedupKey, State, Attempts: 1, CreatedAt: paged.fromMs, NextAttemptAt: paged.fromMs, SentAt: paged.fromMs },
    ...{ LastError: '', Body: '{}', Version: 1n },
  })
  const records = [
    told('on-call', 'trigger', 'sent'),
    told('on-call', 'resolve', 'sent'),
    told('second', 'trigger', 'rejected'),
  ]
  await writer.insert(notificationsTable, records)
}
