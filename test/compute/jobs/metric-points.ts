import fc from 'fast-check'
import { z } from 'zod'
import { defineTable } from '../../../store/client/query.ts'
import type { Writer } from '../../../store/client/store.ts'

/** A simulated sender of metrics: what it measured is known, and what its points say follows from that. */

const bounds = [0.1, 0.25, 0.5]
const latencies = [0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 2]
export const kinds = ['counter', 'histogram', 'exponential'] as const

export interface Export {
  readonly kind: (typeof kinds)[number]
  readonly pod: string
  readonly status: string
  readonly temporality: 'cumulative' | 'delta'
  /** Seconds since the epoch. */
  readonly start: number
  readonly time: number
  /** All measurements that the point speaks of: since the start, or since the last point. */
  readonly measured: readonly number[]
  /** Those that it is the first to speak of. */
  readonly news: readonly number[]
  readonly scale: number
}

const life = fc.record({
  pauseSeconds: fc.integer({ min: 2, max: 400 }),
  exports: fc.array(
    fc.record({
      afterSeconds: fc.integer({ min: 2, max: 130 }),
      news: fc.array(fc.constantFrom(...latencies), { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
})

/** The lives of one process after another, each of which counts from nothing and says when it began. */
const sender = fc.record({
  kind: fc.constantFrom(...kinds),
  pod: fc.constantFrom('a', 'b'),
  status: fc.constantFrom('200', '404', '500'),
  temporality: fc.constantFrom('cumulative' as const, 'delta' as const),
  scale: fc.integer({ min: -1, max: 3 }),
  lives: fc.array(life, { minLength: 1, maxLength: 3 }),
})

export function senders(beginSeconds: number): fc.Arbitrary<Export[]> {
  return fc.array(sender, { minLength: 1, maxLength: 5 }).map(all =>
    all.flatMap(({ lives, ...of }, index) => {
      let now = beginSeconds + index
      return lives.flatMap(({ pauseSeconds, exports }) => {
        now += pauseSeconds
        const began = now
        let last = now
        const measured: number[] = []
        return exports.map(({ afterSeconds, news }) => {
          now += afterSeconds
          measured.push(...news)
          const isDelta = of.temporality === 'delta'
          // The number makes each sender a series of its own.
          const point = { ...of, pod: `${of.pod}${index}`, time: now, start: isDelta ? last : began, news }
          last = now
          return { ...point, measured: isDelta ? news : [...measured] }
        })
      })
    }),
  )
}

const base = z.object({
  MetricName: z.string(),
  ServiceName: z.string(),
  ResourceAttributes: z.record(z.string(), z.string()),
  Attributes: z.record(z.string(), z.string()),
  StartTimeUnix: z.number(),
  TimeUnix: z.number(),
})
const temporal = base.extend({ AggregationTemporality: z.number() })
const tables = {
  gauge: defineTable({ name: 'otel_metrics_gauge', row: base.extend({ Value: z.number() }) }),
  counter: defineTable({
    name: 'otel_metrics_sum',
    row: temporal.extend({ Value: z.number(), IsMonotonic: z.boolean() }),
  }),
  histogram: defineTable({
    name: 'otel_metrics_histogram',
    row: temporal.extend({
      Count: z.number(),
      BucketCounts: z.array(z.number()),
      ExplicitBounds: z.array(z.number()),
    }),
  }),
  exponential: defineTable({
    name: 'otel_metrics_exponential_histogram',
    row: temporal.extend({
      Count: z.number(),
      Scale: z.number(),
      ZeroCount: z.number(),
      PositiveOffset: z.number(),
      PositiveBucketCounts: z.array(z.number()),
    }),
  }),
}

export interface PointOf {
  readonly name?: string
  readonly pod?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly start?: number
  readonly time: number
}

/** What every row of a point has; attributes come in another order every second time, as maps of a sender may. */
export function rowOf({ name = 'requests', pod = 'a', attributes = {}, start = 0, time }: PointOf) {
  const listed = Object.entries({ ...attributes, 'http.route': '/pay' })
  return {
    MetricName: name,
    ServiceName: 'shop',
    ResourceAttributes: { 'service.name': 'shop', 'k8s.pod.name': pod },
    Attributes: Object.fromEntries(time % 2 === 0 ? listed : listed.reverse()),
    StartTimeUnix: start,
    TimeUnix: time,
  }
}

export const cumulative = { AggregationTemporality: 2 }
export const delta = { AggregationTemporality: 1 }

export async function insertCounters(
  writer: Writer,
  rows: readonly (ReturnType<typeof rowOf> & {
    readonly AggregationTemporality: number
    readonly Value: number
    readonly IsMonotonic?: boolean
  })[],
): Promise<void> {
  await writer.insert(
    tables.counter,
    rows.map(row => ({ IsMonotonic: true, ...row })),
  )
}

export async function insertGauges(
  writer: Writer,
  rows: readonly (ReturnType<typeof rowOf> & { readonly Value: number })[],
): Promise<void> {
  await writer.insert(tables.gauge, rows)
}

export async function insertHistograms(
  writer: Writer,
  rows: readonly (ReturnType<typeof rowOf> & z.input<(typeof tables)['histogram']['row']>)[],
): Promise<void> {
  await writer.insert(tables.histogram, rows)
}

export async function insertExponential(
  writer: Writer,
  rows: readonly (ReturnType<typeof rowOf> & z.input<(typeof tables)['exponential']['row']>)[],
): Promise<void> {
  await writer.insert(tables.exponential, rows)
}

/** The points as they arrive: each export in the table of its kind, one insert a table. */
export async function insertExports(writer: Writer, exports: readonly Export[]): Promise<void> {
  const head = (name: string, { pod, status, start, time, temporality }: Export) => ({
    ...rowOf({ name, pod, attributes: { 'http.response.status_code': status }, start, time }),
    AggregationTemporality: temporality === 'delta' ? 1 : 2,
  })
  const of = (kind: Export['kind']) => exports.filter(each => each.kind === kind)
  await insertCounters(
    writer,
    of('counter').map(each => ({ ...head('requests', each), Value: each.measured.length })),
  )
  await insertHistograms(
    writer,
    of('histogram').map(each => ({
      ...head('latency', each),
      Count: each.measured.length,
      BucketCounts: counted(each.measured.map(bucketOf), bounds.length + 1),
      ExplicitBounds: bounds,
    })),
  )
  await insertExponential(
    writer,
    of('exponential').map(each => {
      const indices = each.measured.map(value => exponentialIndex(value, each.scale))
      const offset = Math.min(0, ...indices)
      return {
        ...head('latency', each),
        Count: each.measured.length,
        Scale: each.scale,
        ZeroCount: 0,
        PositiveOffset: offset,
        PositiveBucketCounts: counted(
          indices.map(index => index - offset),
          Math.max(0, ...indices.map(index => index - offset + 1)),
        ),
      }
    }),
  )
}

function counted(indices: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, index) => indices.filter(each => each === index).length)
}

function bucketOf(value: number): number {
  const index = bounds.findIndex(bound => value <= bound)
  return index < 0 ? bounds.length : index
}

function exponentialIndex(value: number, scale: number): number {
  return Math.ceil(Math.log2(value) * 2 ** scale) - 1
}

/** What a measurement is known to lie above by its bucket. */
export function aboveOf({ kind, scale }: Export, value: number): number {
  if (kind === 'histogram') return bounds[bucketOf(value) - 1] ?? Number.NEGATIVE_INFINITY
  return 2 ** (exponentialIndex(value, scale) / 2 ** scale)
}

/** The highest value that a measurement can have by what its bucket tells. */
export function highestOf({ kind, scale }: Export, value: number): number {
  if (kind === 'histogram') return bounds[bucketOf(value)] ?? Number.POSITIVE_INFINITY
  return 2 ** ((exponentialIndex(value, scale) + 1) / 2 ** scale)
}

/** @param value what is judged of each point, as `, value: value`; none for a ratio. */
export const metricSource = (filter: string, value = ''): string =>
  `{metricSource: {type: telemetry, spec: {signal: metrics, filter: '${filter}'${value}}}}`

/** An SLO of a day with these counts, as somebody writes it. */
export const sloOfCounts = (
  name: string,
  counts: string,
  objective = '{target: 0.9}',
): string => `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${name}}
spec:
  service: shop
  indicator: {metadata: {name: ${name}}, spec: {${counts}}}
  timeWindow: [{duration: 1d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [${objective}]
`
