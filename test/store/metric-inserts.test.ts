import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { attribute, stageRequests } from '../factories/otlp.ts'
import { defaultLayerSources, openStoreUnderTest, type StoreUnderTest, storeConnections } from '../factories/store.ts'

let under: StoreUnderTest
const inserts = payloadInserts(defaultLayerSources).metrics
// Yesterday's midnight: rows older than the retention would be dropped by the first merge.
const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000
const startNano = BigInt(startMs) * 1_000_000n
const text = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')

/** Twice, as after a crash: the second time changes nothing. */
async function insertMetrics(request: Record<string, unknown>) {
  const file = join(under.folder, 'metrics.bin')
  stageRequests(file, 'MetricRecord', [request])
  for (const insert of [...inserts, ...inserts])
    await under.store.payloads.insertPayloads(insert, file, `metrics/${insert.table}`)
}

const resource = { attributes: [attribute('service.name', 'm'), attribute('cloud.region', 'eu-1')] }

describe.each(storeConnections)('over the %s connection:', connection => {
  beforeAll(async () => {
    under = await openStoreUnderTest({ connection })
  })
  afterAll(() => under.close())

  describe('data points', () => {
    const times = { startTimeUnixNano: (startNano - 60_000_000_000n).toString(), timeUnixNano: startNano.toString() }
    const exemplars = [
      {
        timeUnixNano: startNano.toString(),
        asInt: 3,
        spanId: Buffer.alloc(8, 1),
        traceId: Buffer.alloc(16, 2),
        filteredAttributes: [attribute('f', 1)],
      },
    ]

    it('of every kind become rows of their table, once although the batch is replayed', async () => {
      const metrics = [
        {
          name: 'g',
          unit: 'By',
          description: 'd',
          gauge: {
            dataPoints: [
              { ...times, asInt: -5, exemplars },
              { ...times, asDouble: 0 },
            ],
          },
        },
        { name: 's', sum: { dataPoints: [{ ...times, asDouble: 1.5 }], aggregationTemporality: 2, isMonotonic: true } },
        {
          name: 'h',
          histogram: {
            dataPoints: [
              {
                ...times,
                count: 3,
                sum: 6,
                bucketCounts: [1, 2],
                explicitBounds: [5],
                min: 1,
                max: 3,
                attributes: [attribute('r', 'x')],
              },
            ],
            aggregationTemporality: 1,
          },
        },
        {
          name: 'e',
          exponentialHistogram: {
            dataPoints: [
              {
                ...times,
                count: 4,
                scale: -1,
                zeroCount: 1,
                positive: { offset: -2, bucketCounts: [1, 2] },
                negative: { offset: 3, bucketCounts: [] },
              },
            ],
            aggregationTemporality: 2,
          },
        },
        {
          name: 'q',
          summary: { dataPoints: [{ ...times, count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] },
        },
      ]
      const scopeMetrics = [{ scope: { name: 'sc', droppedAttributesCount: 2 }, metrics }]
      await insertMetrics({ resourceMetrics: [{ resource, scopeMetrics }] })
      expect(
        await under.rows(
          'SELECT MetricName, MetricUnit, Value, Exemplars.Value AS x, Exemplars.SpanId AS i, ScopeDroppedAttrCount AS d FROM otel_metrics_gauge ORDER BY Value',
        ),
      ).toEqual([
        { MetricName: 'g', MetricUnit: 'By', Value: -5, x: [3], i: ['0101010101010101'], d: 2 },
        { MetricName: 'g', MetricUnit: 'By', Value: 0, x: [], i: [], d: 2 },
      ])
      expect(
        await under.rows(
          'SELECT Value, AggregationTemporality AS t, IsMonotonic AS m, StartTimeUnix AS f, TimeUnix AS u FROM otel_metrics_sum',
        ),
      ).toEqual([{ Value: 1.5, t: 2, m: true, f: text(startMs - 60_000), u: text(startMs) }])
      expect(
        await under.rows(
          'SELECT Count, Sum, BucketCounts, ExplicitBounds, Min, Max, Attributes, Region FROM otel_metrics_histogram',
        ),
      ).toEqual([
        {
          Count: '3',
          Sum: 6,
          BucketCounts: ['1', '2'],
          ExplicitBounds: [5],
          Min: 1,
          Max: 3,
          Attributes: { r: 'x' },
          Region: 'eu-1',
        },
      ])
      expect(
        await under.rows(
          'SELECT Scale, ZeroCount, PositiveOffset, PositiveBucketCounts, NegativeOffset FROM otel_metrics_exponential_histogram',
        ),
      ).toEqual([
        { Scale: -1, ZeroCount: '1', PositiveOffset: -2, PositiveBucketCounts: ['1', '2'], NegativeOffset: 3 },
      ])
      expect(
        await under.rows(
          'SELECT Count, ValueAtQuantiles.Quantile AS q, ValueAtQuantiles.Value AS v FROM otel_metrics_summary',
        ),
      ).toEqual([{ Count: '2', q: [0.5], v: [1] }])
      expect(await under.rows(`SELECT sum(Rows) AS n FROM arrivals WHERE Signal = 'metrics'`)).toEqual([{ n: '6' }])
    })
  })
})
