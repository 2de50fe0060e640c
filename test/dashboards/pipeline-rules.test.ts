import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pipelineRules } from '../../dashboards/rules/pipeline-rules.ts'
import { firing, openPromtool, type Promtool } from './promtool.ts'

/** The rules over the pipeline's own health, judged by Prometheus' own tool. */

let promtool: Promtool
beforeAll(async () => {
  promtool = await openPromtool()
})
afterAll(() => promtool.close())

const sample = (series: string, values: string) => ({ series, values })
const passes = async (...tests: readonly unknown[]) => {
  const { code, said } = await promtool.testRules(tests)
  expect(code, said).toBe(0)
}
const waiting = (reason: string, values: string) =>
  sample(`ninefold_sink_waiting_seconds{topic="otlp_spans",partition="3",reason="${reason}",instance="a"}`, values)

describe('the rules over the health of the pipeline', () => {
  it('page for a partition that waits, with its reason, and no longer than it does', async () => {
    const labels = {
      topic: 'otlp_spans',
      partition: '3',
      reason: 'BUS_TOPIC_CHANGED',
      severity: 'critical',
    }
    // Seconds that rise while it waits; gone from the fortieth minute on.
    const input = [waiting('BUS_TOPIC_CHANGED', '0+60x39 stale')]
    await passes(
      firing('NinefoldPartitionWaits', '1m', input, []),
      firing('NinefoldPartitionWaits', '30m', input, [labels]),
      firing('NinefoldPartitionWaits', '45m', input, []),
      firing('NinefoldStoreRefuses', '30m', input, []),
    )
  })

  it('tell a store that refuses inserts from a partition that cannot be read', async () => {
    const refused = { topic: 'otlp_spans', reason: 'STORE_ACCESS_DENIED', severity: 'critical' }
    const full = { topic: 'otlp_spans', reason: 'DISK_FULL', severity: 'critical' }
    const input = [waiting('STORE_ACCESS_DENIED', '0+60x60'), waiting('DISK_FULL', '0+60x60')]
    await passes(
      firing('NinefoldStoreRefuses', '10m', input, [refused, full]),
      firing('NinefoldPartitionWaits', '10m', input, []),
    )
  })

  it('page for lost coverage, also when the process was started into the gap, for an hour', async () => {
    const series = 'ninefold_sink_dropped_total{topic="otlp_logs",reason="BUS_POSITION_LOST"}'
    const labels = { topic: 'otlp_logs', reason: 'BUS_POSITION_LOST', severity: 'critical' }
    const late = [sample(series, '0x20 7x200')]
    const atOnce = [sample(series, '_x20 7x200')]
    await passes(
      firing('NinefoldCoverageLost', '15m', late, []),
      firing('NinefoldCoverageLost', '30m', late, [labels]),
      firing('NinefoldCoverageLost', '100m', late, []),
      firing('NinefoldCoverageLost', '30m', atOnce, [labels]),
      firing('NinefoldCoverageLost', '100m', atOnce, []),
      firing('NinefoldCoverageLost', '30m', [sample(series, '0x200')], []),
    )
  })

  it('tell of dead letters by topic and reason, the first of them too', async () => {
    const series = (reason: string) => `ninefold_sink_dead_letters_total{topic="otlp_spans",reason="${reason}"}`
    const input = [sample(series('SINK_UNFIT_PAYLOAD'), '0x5 1x60'), sample(series('SINK_POISON_PAYLOAD'), '0x65')]
    const labels = { topic: 'otlp_spans', reason: 'SINK_UNFIT_PAYLOAD', severity: 'warning' }
    await passes(firing('NinefoldDeadLetters', '4m', input, []), firing('NinefoldDeadLetters', '7m', input, [labels]))
  })

  it('warn of a lag above the bound over all sinks, and page when it grows', async () => {
    const of = (instance: string, partition: number, values: string) =>
      sample(`ninefold_bus_lag_records{topic="otlp_spans",partition="${partition}",instance="${instance}"}`, values)
    // A partition that another sink took over is gone at the former one.
    const large = [of('a', 0, '8000x60'), of('b', 1, '8000x60'), of('a', 1, '8000x2 stale')]
    const small = [of('a', 0, '4000x60'), of('b', 1, '4000x60')]
    const growing = [of('a', 0, '0+1000x60')]
    const shrinking = [of('a', 0, '60000-500x60')]
    const embedded = [sample('ninefold_bus_lag_records', '0+1000x60')]
    const spans = { topic: 'otlp_spans' }
    await passes(
      firing('NinefoldBehind', '5m', large, []),
      firing('NinefoldBehind', '20m', large, [{ ...spans, severity: 'warning' }]),
      firing('NinefoldBehind', '20m', small, []),
      firing('NinefoldFallsBehind', '50m', large, []),
      firing('NinefoldFallsBehind', '50m', shrinking, []),
      firing('NinefoldFallsBehind', '50m', growing, [{ ...spans, severity: 'critical' }]),
      firing('NinefoldFallsBehind', '50m', embedded, [{ severity: 'critical' }]),
    )
  })

  it('page when no sink has a partition: when none runs while telemetry is taken in, and when all are out of their group', async () => {
    const arriving = sample('ninefold_otlp_items_total{signal="traces"}', '0+100x60')
    const silent = sample('ninefold_otlp_items_total{signal="traces"}', '100x60')
    const sink = (instance: string, values: string) =>
      sample(`ninefold_sink_partitions{instance="${instance}"}`, values)
    const critical = { severity: 'critical' }
    // Thrown out of the group in the tenth minute, while its last lag was 0; let in again in the fortieth.
    const out = sink('a', '9x10 0x29 9x20')
    const lag = sample('ninefold_bus_lag_records{topic="otlp_spans",partition="0",instance="a"}', '0x10')
    await passes(
      firing('NinefoldNoSink', '20m', [arriving], [critical]),
      firing('NinefoldNoSink', '20m', [silent], []),
      firing('NinefoldNoSink', '9m', [arriving, out, lag], []),
      firing('NinefoldNoSink', '20m', [arriving, out, lag], [critical]),
      firing('NinefoldNoSink', '20m', [out], [critical]),
      firing('NinefoldNoSink', '45m', [arriving, out, lag], []),
      // One stands by, or its partitions went to the other.
      firing('NinefoldNoSink', '20m', [arriving, out, sink('b', '0x10 9x50')], []),
      firing('NinefoldNoSink', '20m', [arriving, out, sink('b', '0x60')], [critical]),
    )
  })

  it('page for an evaluation that is away, stands still or fails, and warn of one that is behind', async () => {
    const alive = sample('slo_objective_ratio{slo="a"}', '0.9x60')
    const ticking = sample('ninefold_tick_seconds_count{instance="a"}', '0+30x60')
    const still = sample('ninefold_tick_seconds_count{instance="a"}', '100x60')
    const failing = sample('ninefold_tick_failures_total{code="STORE_UNAVAILABLE",instance="a"}', '_x5 1+10x60')
    const failedOnce = sample('ninefold_tick_failures_total{code="STORE_UNAVAILABLE",instance="a"}', '_x5 1x60')
    const pending = (values: string) => sample('ninefold_rollup_pending_minutes{instance="a"}', values)
    const critical = { severity: 'critical' }
    await passes(
      firing('NinefoldDown', '3m', [], []),
      firing('NinefoldDown', '10m', [], [critical]),
      firing('NinefoldDown', '10m', [alive], []),
      firing('NinefoldEvaluationStalled', '20m', [alive, still], [{ ...critical, instance: 'a' }]),
      firing('NinefoldEvaluationStalled', '20m', [alive, ticking], []),
      firing('NinefoldEvaluationFails', '20m', [failing], [{ ...critical, instance: 'a', code: 'STORE_UNAVAILABLE' }]),
      firing('NinefoldEvaluationFails', '20m', [failedOnce], []),
      firing('NinefoldEvaluationBehind', '30m', [pending('500x60')], [{ severity: 'warning', instance: 'a' }]),
      firing('NinefoldEvaluationBehind', '30m', [pending('500x10 0x50')], []),
    )
  })

  it('always send the sign of life', async () => {
    await passes(firing('NinefoldWatchdog', '1m', [], [{ severity: 'none' }]))
  })

  it('name a section of the runbook, each', () => {
    const runbook = readFileSync(new URL('../../docs/runbooks/pipeline.md', import.meta.url), 'utf8')
    const sections = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    expect(sections).toEqual(pipelineRules.map(({ alert }) => alert))
    for (const { alert, annotations } of pipelineRules)
      expect(annotations?.runbook).toBe(`docs/runbooks/pipeline.md#${alert?.toLowerCase()}`)
  })
})
