/**
 * HTTP → Kafka → sink → rows over a real broker, each role a process of its own and the store a ClickHouse by URL (the embedded engine
 * behind a likeness of the server's HTTP interface); beside it the Collector's otlp → kafkaexporter and kafkareceiver → nop on the same
 * broker, and a newer one that stores by itself. Then how fast a sink catches up after an outage of ten minutes, and how long a rebalance
 * holds partitions up.
 * `node test/bench/kafka.ts [thousands of spans]` prints one JSON object.
 */
import process from 'node:process'
import type { Compression } from '../../ingest/bus/kafka/protocol/compression.ts'
import { measureClickHouseExporter } from './kafka/clickhouse-exporter.ts'
import { measureCollector } from './kafka/collector.ts'
import { measureRebalance } from './kafka/rebalance.ts'
import { startSurroundings } from './kafka/surroundings.ts'
import { measureCatchUp, measureThrough } from './kafka/through.ts'

const amount = { spans: 1000 * Number(process.argv[2] ?? 400), longestSeconds: 25 }
/** Ten minutes of 20,000 spans a second that nobody stored, where nothing smaller was asked for. */
const backlog = { spans: 30 * amount.spans, longestSeconds: 240 }
const compressions = ['zstd', 'none'] as const satisfies readonly Compression[]
const partitions = 6
const many = { partitions: 24, cycles: 2 }

const say = (text: string) => process.stderr.write(`  ${text}\n`)

async function measureBesideCollector() {
  const surroundings = await startSurroundings(partitions)
  try {
    const sink = await surroundings.role('sink')
    const runs = []
    for (const compression of compressions) {
      say(`${compression} …`)
      const ninefold = await measureThrough(surroundings, sink, { compression, amount })
      const collector = await measureCollector(surroundings, { compression, amount })
      runs.push({ compression, ninefold, collector })
    }
    await sink.kill('SIGTERM')
    say('catch-up …')
    return { runs, catchUp: await measureCatchUp(surroundings, backlog) }
  } finally {
    await surroundings.close()
  }
}

async function measureManyPartitions() {
  say('rebalance …')
  const surroundings = await startSurroundings(many.partitions)
  try {
    return await measureRebalance(surroundings, many)
  } finally {
    await surroundings.close()
  }
}

const { runs, catchUp } = await measureBesideCollector()
say('a Collector that stores …')
const exporter = await measureClickHouseExporter(amount)
const rebalance = await measureManyPartitions()
process.stdout.write(`${JSON.stringify({ bench: 'kafka', partitions, runs, exporter, catchUp, rebalance }, null, 2)}\n`)
process.exit()
