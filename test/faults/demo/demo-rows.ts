import { z } from 'zod'
import type { Store } from '../../../store/client/store.ts'
import { pastAttribute } from './log-tally.ts'

/** What the demo's promises are worth, counted from the raw rows by SQL of its own: slo-specs/services says the same as filters. */

interface Promised {
  readonly table: 'otel_traces' | 'otel_logs'
  readonly valid: string
  /** Of the valid ones. */
  readonly good: string
}

const status = "toUInt16OrZero(SpanAttributes['http.response.status_code'])"
const served = (service: string) => `ServiceName = '${service}' AND SpanKind = 'Server'`

const availability = (service: string): Promised => ({
  table: 'otel_traces',
  valid: served(service),
  good: `${status} < 500`,
})

const latency = (service: string, milliseconds: number): Promised => ({
  table: 'otel_traces',
  valid: `${served(service)} AND ${status} < 500`,
  good: `Duration < ${milliseconds} * 1000000`,
})

const promises: Readonly<Record<string, Promised>> = {
  'cart-availability': availability('cart'),
  'checkout-availability': availability('checkout'),
  'payments-availability': availability('payments'),
  'storefront-availability': availability('storefront'),
  'cart-latency': latency('cart', 50),
  'checkout-latency': latency('checkout', 250),
  'payments-latency': latency('payments', 150),
  'storefront-latency': latency('storefront', 300),
  'checkout-log-errors': { table: 'otel_logs', valid: "ServiceName = 'checkout'", good: 'SeverityNumber < 17' },
  'payments-database': {
    table: 'otel_traces',
    valid: "ServiceName = 'payments' AND SpanKind = 'Client' AND SpanAttributes['db.system.name'] != ''",
    good: "StatusCode != 'Error' AND Duration < 50000000",
  },
  'storefront-orders': {
    table: 'otel_traces',
    valid: `${served('storefront')} AND SpanAttributes['http.route'] = '/orders' AND SpanAttributes['http.request.method'] = 'POST'`,
    good: `${status} < 500`,
  },
}

const count = z.coerce.number()

interface SloReply {
  readonly name: string
  readonly good: number
  readonly valid: number
  readonly window: { readonly from: string }
}

/** SLOs whose good or valid the API answers otherwise than the rows say, each with both; all of them when it does not answer. */
export async function wrongSlos(apiUrl: string, { reader }: Store): Promise<string[]> {
  const response = await fetch(`${apiUrl}/api/v1/slos`).catch(() => undefined)
  if (response?.ok !== true) return ['the API does not answer']
  const { slos } = (await response.json()) as { slos: readonly SloReply[] }
  const wrong: string[] = []
  for (const name of new Set([...Object.keys(promises), ...slos.map(slo => slo.name)])) {
    const slo = slos.find(each => each.name === name)
    const promised = promises[name]
    if (slo === undefined || promised === undefined) {
      wrong.push(`${name} is not ${slo === undefined ? 'told of' : 'known here'}`)
      continue
    }
    const { table, valid, good } = promised
    const query = {
      name: 'a promise from raw rows',
      sql: `SELECT countIf(${good}) AS good, count() AS valid FROM ${table}
WHERE Timestamp >= fromUnixTimestamp64Milli({from: Int64}) AND ${valid}`,
      params: z.object({ from: z.number() }),
      row: z.object({ good: count, valid: count }),
    }
    const [rows] = await reader.query(query, { from: Date.parse(slo.window.from) })
    if (slo.good !== rows?.good || slo.valid !== rows.valid)
      wrong.push(`${name}: ${slo.good} of ${slo.valid}, but ${rows?.good} of ${rows?.valid} rows`)
  }
  return wrong
}

const isLive = `ResourceAttributes['${pastAttribute}'] = ''`

const liveSpans = {
  name: 'live spans',
  sql: `SELECT SpanId AS id, count() AS rows FROM otel_traces WHERE ${isLive} GROUP BY id`,
  params: z.object({}),
  row: z.object({ id: z.string(), rows: count }),
}

const otherRows = {
  name: 'live log records, the past and dead letters',
  sql: `SELECT (SELECT count() FROM otel_logs WHERE ${isLive}) AS logs,
(SELECT count() FROM otel_traces WHERE NOT ${isLive}) AS pastSpans, (SELECT count() FROM otel_logs WHERE NOT ${isLive}) AS pastLogs,
(SELECT count() FROM dead_letters FINAL) AS deadLetters`,
  params: z.object({}),
  row: z.object({ logs: count, pastSpans: count, pastLogs: count, deadLetters: count }),
}

export interface DemoRows {
  /** Rows of each span of the shop, by its id. */
  readonly spans: ReadonlyMap<string, number>
  /** Log records of the shop. */
  readonly logs: number
  readonly pastSpans: number
  readonly pastLogs: number
  readonly deadLetters: number
}

export async function countDemoRows({ reader }: Store): Promise<DemoRows> {
  const spans = await reader.query(liveSpans, {})
  const [others] = await reader.query(otherRows, {})
  if (others === undefined) throw new Error('the counts have no row')
  return { spans: new Map(spans.map(({ id, rows }) => [id, rows])), ...others }
}
