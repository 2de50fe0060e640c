import type { MeasuredWork, ProcessCost } from './process-costs.ts'
import type { RebalancePause } from './rebalance.ts'
import type { CatchUp } from './through.ts'

export interface KafkaResults {
  readonly runs: readonly {
    readonly compression: string
    readonly ninefold: MeasuredWork<'ingest' | 'sink' | 'store' | 'broker'>
    readonly collector: MeasuredWork<'exporter' | 'receiver' | 'broker'>
  }[]
  /** A Collector that stores by itself; not in results from before it was measured. */
  readonly exporter?: MeasuredWork<'exporter' | 'store'>
  readonly catchUp: CatchUp
  readonly rebalance: RebalancePause
}

const thousands = (value: number) => `${(value / 1000).toFixed(1)} k`
const round = (value: number) => value.toFixed(2)
const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
const cpu = (...costs: readonly ProcessCost[]) =>
  round(costs.reduce((sum, cost) => sum + cost.cpuSecondsPerMillionSpans, 0))
const unit = '… CPU-seconds per million spans'

function runRows({ compression, ninefold, collector }: KafkaResults['runs'][number]): string[] {
  const { ingest, sink, store, broker } = ninefold.costs
  const { exporter, receiver, broker: itsBroker } = collector.costs
  return [
    row(
      `HTTP → Kafka (${compression}) → sink → rows, all on the same cores`,
      `${thousands(ninefold.spansPerSecond)} spans/s`,
      '-',
      `Collector, otlp → Kafka → nothing: ${thousands(collector.spansPerSecond)} spans/s`,
    ),
    row(`${unit}: gateway`, cpu(ingest), "< the Collector's", `otlp → kafkaexporter: ${cpu(exporter)}`),
    row(`${unit}: sink alone`, cpu(sink), '-', `kafkareceiver → nop, no storing: ${cpu(receiver)}`),
    row(
      `${unit}: sink and store`,
      cpu(sink, store),
      "< the Collector's",
      `kafkareceiver → nop, no storing: ${cpu(receiver)}`,
    ),
    row(`${unit}: broker`, cpu(broker), '-', `the same broker: ${cpu(itsBroker)}`),
    row(
      '… peak memory: gateway, sink, store',
      `${[ingest, sink, store].map(({ peakRssMegabytes }) => peakRssMegabytes).join(', ')} MB`,
      '-',
      `exporter, receiver: ${exporter.peakRssMegabytes}, ${receiver.peakRssMegabytes} MB`,
    ),
  ]
}

/** Both ways to rows of a server: ours, over a log that keeps what was acknowledged, and a Collector's, which has none. */
function storingRows(runs: KafkaResults['runs'], storing: NonNullable<KafkaResults['exporter']>): string[] {
  const { exporter, store } = storing.costs
  const ofEach = (figure: (run: KafkaResults['runs'][number]) => string) =>
    runs.map(run => `${run.compression}: ${figure(run)}`).join(', ')
  return [
    row(
      'HTTP → rows, ours over Kafka, a Collector that stores without it',
      ofEach(({ ninefold }) => `${thousands(ninefold.spansPerSecond)} spans/s`),
      '-',
      `Collector, otlp → clickhouseexporter → rows: ${thousands(storing.spansPerSecond)} spans/s`,
    ),
    row(
      `${unit}: gateway, sink and store`,
      ofEach(({ ninefold: { costs } }) => cpu(costs.ingest, costs.sink, costs.store)),
      "< the Collector's",
      `exporter and store: ${cpu(exporter)} + ${cpu(store)} = ${cpu(exporter, store)}`,
    ),
    row(
      `${unit}: gateway and sink, without the store`,
      ofEach(({ ninefold: { costs } }) => cpu(costs.ingest, costs.sink)),
      "< the Collector's",
      `exporter: ${cpu(exporter)}`,
    ),
    row('… peak memory', '-', '-', `exporter, store: ${exporter.peakRssMegabytes}, ${store.peakRssMegabytes} MB`),
  ]
}

/** Rows of the table in docs/performance.md: what, measured, goal, baseline. */
export function kafkaRows({ runs, exporter, catchUp, rebalance }: KafkaResults): string[] {
  const { firstHalf, secondHalf } = catchUp.sinkRssMegabytes
  const { sink, store } = catchUp.costs
  const { pause, acrossRebalances, atRest, partitions, sinks } = rebalance
  return [
    ...runs.flatMap(runRows),
    ...(exporter === undefined ? [] : storingRows(runs, exporter)),
    row(
      `sink after an outage: a backlog of ${thousands(catchUp.spans)} spans`,
      `rows after ${catchUp.seconds.toFixed(1)} s, ${thousands(catchUp.spansPerSecond)} spans/s`,
      '≥ 150 k spans/s',
      '-',
    ),
    row('… peak memory of the sink, first and second half', `${firstHalf}, ${secondHalf} MB`, 'flat', '-'),
    row(
      '… CPU-seconds per million spans: sink, store',
      [sink, store].map(cost => round(cost.cpuSecondsPerMillionSpans)).join(', '),
      '-',
      '-',
    ),
    row(
      `rebalance, ${partitions} partitions × ${sinks} sinks: a sink begins nothing new`,
      `p50 ${seconds(pause.p50Ms)}, p99 ${seconds(pause.p99Ms)}`,
      '-',
      '-',
    ),
    row(
      '… a partition stands still between two stored ranges',
      `p50 ${seconds(acrossRebalances.p50Ms)}, p99 ${seconds(acrossRebalances.p99Ms)}`,
      '-',
      `without a rebalance: p50 ${seconds(atRest.p50Ms)}, p99 ${seconds(atRest.p99Ms)}`,
    ),
  ]
}
