import { metrics } from '@opentelemetry/sdk-node'
import { expect, it } from 'vitest'
import { createRecordingProducer, post, startGateway } from './gateway-under-test.ts'
import { attribute, encode, requestTypes, span, traces, tracesPayload } from './sample-payloads.ts'

it('requests, items kept and left out, bytes and rewritten payloads are counted by signal and status', async () => {
  const exporter = new metrics.InMemoryMetricExporter(metrics.AggregationTemporality.CUMULATIVE)
  const reader = new metrics.PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new metrics.MeterProvider({ readers: [reader] })
  const producer = createRecordingProducer()
  const gateway = await startGateway(producer, { meter: provider.getMeter('ninefold') })
  const plain = tracesPayload(3)
  const exotic = { key: 'argv', value: { array_value: { values: [{ string_value: 'a' }] } } }
  await post(`${gateway.address}/v1/traces`, plain)
  await post(
    `${gateway.address}/v1/traces`,
    encode(requestTypes.traces, traces([{ ...span(1), attributes: [exotic] }])),
  )
  await post(`${gateway.address}/v1/traces`, plain.subarray(0, 100))
  await post(`${gateway.address}/elsewhere`, plain)
  await post(
    `${gateway.address}/v1/traces`,
    encode(requestTypes.traces, traces([{ ...span(2), attributes: [attribute('a', 1)] }])),
  )
  producer.leavesOut = { leftOut: 2, reasons: ['2 items were too large'] }
  await post(`${gateway.address}/v1/traces`, plain)
  await gateway.close()
  await reader.forceFlush()

  const found =
    exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(scope => scope.metrics) ?? []
  const points = (name: string) => found.find(metric => metric.descriptor.name === name)?.dataPoints ?? []
  const values = (name: string) => points(name).map(point => [point.attributes, point.value])
  expect(values('ninefold_otlp_requests_total')).toEqual([
    [{ signal: 'traces', code: '200' }, 4],
    [{ signal: 'traces', code: '400' }, 1],
    [{ signal: 'none', code: '404' }, 1],
  ])
  expect(values('ninefold_otlp_items_total')).toEqual([[{ signal: 'traces' }, 6]])
  expect(values('ninefold_otlp_rejected_items_total')).toEqual([[{ signal: 'traces' }, 2]])
  expect(values('ninefold_otlp_rewritten_payloads_total')).toEqual([[{ signal: 'traces' }, 1]])
  expect(Number(points('ninefold_otlp_bytes_total')[0]?.value)).toBeGreaterThan(plain.length)
  expect(points('ninefold_otlp_request_seconds').map(point => (point.value as { count: number }).count)).toEqual([5, 1])
  expect(values('ninefold_otlp_bytes_in_flight')).toEqual([[{}, 0]])
  await provider.shutdown()
})
