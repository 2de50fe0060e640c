import { type KafkaResults, kafkaRows } from './kafka/kafka-rows.ts'
import type { UnderLoad } from './under-load.ts'

interface Results {
  readonly 'gateway-walk'?: { readonly walk: number; readonly protobufjsDecode: number }
  readonly 'engine-insert'?: {
    readonly results: readonly {
      readonly name: string
      readonly spansPerCpuSecond: { readonly median: number; readonly best: number }
    }[]
  }
  readonly evaluation?: {
    readonly tick: { readonly cpuSeconds: number }
    readonly windows: { readonly cpuSeconds: number }
    readonly baseline: { readonly extrapolatedCpuSeconds: number }
  }
  readonly specs?: SpecsResult
  readonly latency?: Record<
    'atRest' | 'under5000SpansPerSecond' | 'burnToPage',
    { readonly p50Ms: number; readonly p99Ms: number }
  >
  readonly 'demo-start'?: { readonly firstSloMs: number }
  readonly ingest?: {
    readonly idle: { readonly rssMegabytes: number; readonly percentOfOneCore: number }
    readonly ninefold: readonly UnderLoad[]
    readonly collector: readonly UnderLoad[] | string
  }
  readonly kafka?: KafkaResults
}

interface Cost {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakRssMegabytes: number
}

interface SpecsResult {
  readonly validateMany: Cost
  readonly validate: Cost
  readonly slothValidate: Cost
  readonly slothGenerate: Cost
  readonly apply: Cost & { readonly slos: number }
  readonly plan: Cost & { readonly slos: number }
  readonly backtest: Cost & { readonly events: number }
  readonly wideBacktest: Cost & {
    readonly events: number
    readonly extrapolatedWallSeconds: number
    /** The sizes that a line was drawn through; absent in results that were multiplied. */
    readonly extrapolatedFrom?: readonly number[]
  }
}

const thousands = (value: number) => `${Math.round(value / 1000)} k`
const millions = (value: number) => `${(value / 1e6).toFixed(1)} M`
const round = (value: number) => value.toFixed(2)

function ingestRows({ idle, ninefold, collector }: NonNullable<Results['ingest']>): string[] {
  const rows = ninefold.flatMap(own => {
    const other =
      typeof collector === 'string' ? undefined : collector.find(({ encoding }) => encoding === own.encoding)
    const collectorRate =
      other === undefined
        ? String(collector)
        : `Collector, receive and discard: ${thousands(other.spansPerSecond)} spans/s`
    const collectorCpu = other === undefined ? '-' : `Collector: ${round(other.receiverCpuSecondsPerMillionSpans)}`
    return [
      `| HTTP to rows, ${own.encoding}, with the generator on the same cores | ${thousands(own.spansPerSecond)} spans/s | ≥ 300 k | ${collectorRate} |`,
      `| … CPU-seconds per million spans, everything but the generator (${round(own.generatorCpuSecondsPerMillionSpans)}) | ${round(own.receiverCpuSecondsPerMillionSpans)} | ≤ the Collector's | ${collectorCpu} |`,
      `| … peak memory | ${own.receiverPeakRssMegabytes} MB | - | ${other === undefined ? '-' : `Collector: ${other.receiverPeakRssMegabytes} MB`} |`,
    ]
  })
  return [
    ...rows,
    `| \`up\` idle | ${idle.rssMegabytes} MB, ${round(idle.percentOfOneCore)} % of a core | < 600 MB, < 3 % | - |`,
  ]
}

function specsRows(specs: SpecsResult): string[] {
  const cost = ({ cpuSeconds, wallSeconds, peakRssMegabytes }: Cost) =>
    `${round(cpuSeconds)} CPU-seconds, ${round(wallSeconds)} s, ${peakRssMegabytes} MB`
  const { slothValidate, slothGenerate, wideBacktest: wide } = specs
  const how =
    wide.extrapolatedFrom === undefined
      ? 'as if all of it were scanning'
      : `by the line through ${wide.extrapolatedFrom.map(millions).join(' and ')}`
  return [
    `| \`validate\`: 10,000 SLOs in 1,000 files | ${cost(specs.validateMany)} | < 3 s, < 400 MB | - |`,
    `| \`validate\`: 1,000 SLOs imported from Sloth | ${cost(specs.validate)} | - | Sloth: validate ${cost(slothValidate)}; generate ${cost(slothGenerate)} |`,
    `| apply of ${specs.apply.slos} SLOs to their first numbers | ${cost(specs.apply)} | - | - |`,
    `| plan of 1 changed among ${specs.plan.slos} | ${cost(specs.plan)} | - | - |`,
    `| backtest of ten SLOs, 30 days × ${thousands(specs.backtest.events)} events, of one service among a thousand | ${cost(specs.backtest)} | - | - |`,
    `| … over all of them; ${wide.extrapolatedWallSeconds} s extrapolated to 100 M ${how} | ${cost(wide)} | < 30 s at 100 M | - |`,
  ]
}

/** Rows of the table in docs/performance.md: what, measured, goal, baseline. */
export function performanceRows(results: Results): string[] {
  const rows: string[] = []
  const walk = results['gateway-walk']
  if (walk !== undefined) {
    rows.push(
      `| checking a payload in the gateway | ${Math.round(walk.walk)} MB per CPU-second | 400 | protobufjs decode: ${Math.round(walk.protobufjsDecode)} |`,
    )
  }
  const engine = results['engine-insert']?.results
  const shipped = engine?.find(({ name }) => name.startsWith('as shipped'))
  const bare = engine?.find(({ name }) => name.startsWith('without merges, not synced, without views'))
  const baseline = engine?.find(({ name }) => name.startsWith('baseline'))
  if (shipped !== undefined && bare !== undefined && baseline !== undefined) {
    const text = `protobufjs and JSON lines: ${thousands(baseline.spansPerCpuSecond.median)}`
    rows.push(
      `| bytes to rows by the engine, as shipped | ${thousands(shipped.spansPerCpuSecond.median)} spans per CPU-second | - | ${text} |`,
    )
    rows.push(
      `| … the table alone, no views, not synced | ${thousands(bare.spansPerCpuSecond.median)} spans per CPU-second | 434 k | ${text} |`,
    )
  }
  const { evaluation, latency } = results
  if (evaluation !== undefined) {
    rows.push(
      `| one tick: 1,000 SLOs over a minute of 1 M spans | ${round(evaluation.tick.cpuSeconds)} CPU-seconds | ≤ 1 | one query an SLO: ${evaluation.baseline.extrapolatedCpuSeconds} (extrapolated) |`,
    )
    rows.push(`| all windows of 1,000 SLOs | ${round(evaluation.windows.cpuSeconds)} CPU-seconds | ≤ 0.1 | - |`)
  }
  if (results.specs !== undefined) rows.push(...specsRows(results.specs))
  if (latency !== undefined) {
    const { atRest, under5000SpansPerSecond: busy, burnToPage } = latency
    rows.push(`| event sent → in the API, at rest | p50 ${atRest.p50Ms} ms, p99 ${atRest.p99Ms} ms | p50 < 1 s | - |`)
    rows.push(`| … at 5,000 spans/s | p50 ${busy.p50Ms} ms, p99 ${busy.p99Ms} ms | p99 < 2 s | - |`)
    rows.push(
      `| burn start → page at the receiver | p50 ${burnToPage.p50Ms} ms, p99 ${burnToPage.p99Ms} ms | p99 < 15 s | - |`,
    )
  }
  const demoStart = results['demo-start']
  if (demoStart !== undefined)
    rows.push(
      `| demo, first start → first SLO with a number | ${(demoStart.firstSloMs / 1000).toFixed(1)} s | < 15 s | - |`,
    )
  if (results.ingest !== undefined) rows.push(...ingestRows(results.ingest))
  if (results.kafka !== undefined) rows.push(...kafkaRows(results.kafka))
  return rows
}
