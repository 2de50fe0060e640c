import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Compression } from '../../../ingest/bus/kafka/protocol/compression.ts'
import { freePorts } from '../../factories/ninefold.ts'
import { realPart } from '../../real-parts/install.ts'
import { waitFor } from '../processes.ts'
import { type Amount, type MeasuredWork, measureProcesses, sendSpans, warmUp } from './process-costs.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * The Collector's two halves on the same broker: otlp → kafkaexporter with our promise (the answer waits for all replicas' word), and
 * kafkareceiver → nop, which decodes and stores nothing.
 */
export async function measureCollector(
  { folder, kafka, storePid }: Surroundings,
  options: { readonly compression: Compression; readonly amount: Amount },
): Promise<MeasuredWork<'exporter' | 'receiver' | 'broker'>> {
  const { compression, amount } = options
  const binary = await realPart('otelcol')
  const [otlp = 0, exporterMetrics = 0, receiverMetrics = 0] = await freePorts(3)
  const topic = `collector_${compression}`
  const brokers = JSON.stringify(kafka.addresses)
  const exporter = {
    port: exporterMetrics,
    config: `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${otlp}" } } } }
exporters:
  kafka:
    brokers: ${brokers}
    traces: { topic: ${topic} }
    sending_queue: { enabled: false }
    producer: { required_acks: -1, compression: ${compression} }
service: { telemetry: ${telemetry(exporterMetrics)}, pipelines: { traces: { receivers: [otlp], exporters: [kafka] } } }
`,
  }
  const receiver = {
    port: receiverMetrics,
    config: `receivers: { kafka: { brokers: ${brokers}, group_id: ${topic}, initial_offset: earliest, traces: { topics: [${topic}] } } }
exporters: { nop: {} }
service: { telemetry: ${telemetry(receiverMetrics)}, pipelines: { traces: { receivers: [kafka], exporters: [nop] } } }
`,
  }
  const children: ChildProcess[] = []
  const start = async (name: string, { port, config }: typeof exporter): Promise<number> => {
    const file = join(folder, `${topic}-${name}.yaml`)
    writeFileSync(file, config)
    const child = spawn(binary, ['--config', file], { stdio: 'ignore' })
    children.push(child)
    await waitFor(`the Collector's ${name}`, 60_000, async () => ((await scrape(port)) === '' ? undefined : true))
    return child.pid ?? 0
  }
  try {
    const pids = { exporter: await start('exporter', exporter), receiver: await start('receiver', receiver) }
    const endpoint = `http://127.0.0.1:${otlp}`
    // Its topic is made by the first message, and its group takes its partitions after that.
    const first = await warmUp(endpoint)
    await untilReceived(receiverMetrics, first)
    const broker = kafka.brokers[0]?.pid ?? storePid
    return await measureProcesses({ ...pids, broker }, async () => {
      const spans = await sendSpans(endpoint, amount)
      await untilReceived(receiverMetrics, first + spans)
      return spans
    })
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

const telemetry = (port: number) =>
  `{ metrics: { level: basic, readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: ${port} } } } }] } }`

async function untilReceived(port: number, spans: number): Promise<void> {
  await waitFor(`${spans} spans received`, 120_000, async () => {
    const counted = /^otelcol_receiver_accepted_spans\S* ([\d.e+]+)$/m.exec(await scrape(port))?.[1]
    return Number(counted ?? 0) >= spans ? true : undefined
  })
}

/** Empty while nobody answers. */
async function scrape(port: number): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/metrics`).then(
    response => response.text(),
    () => '',
  )
}
