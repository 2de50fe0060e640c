import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../../store/client/create-store.ts'
import type { Store } from '../../../store/client/store.ts'
import { migrate } from '../../../store/migrations/migrate.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { type KafkaCluster, startKafka } from '../../factories/kafka-broker.ts'
import { freePorts } from '../../factories/ninefold.ts'
import { startTcpProxy, type TcpProxy } from '../../factories/tcp-proxy.ts'
import { type SteadyProducer, startSteadyProducer } from '../steady-producer.ts'
import type { IngestAnswers, IngestOptions } from './ingest-process.ts'
import { createProcessUnderFault, type ProcessUnderFault } from './process-under-fault.ts'
import type { SinkAnswers, SinkProcessOptions } from './sink-process.ts'

export type SinkUnderFault = ProcessUnderFault<SinkProcessOptions, SinkAnswers>
export type IngestUnderFault = ProcessUnderFault<IngestOptions, IngestAnswers>

/** A server that is ended and started again on one port and one folder. */
export interface StoreUnderFault {
  readonly url: string
  readonly folder: string
  pid(): number
  signal(name: NodeJS.Signals): Promise<void>
  start(changes?: Partial<Parameters<typeof startClickHouseHttp>[0]>): Promise<void>
}

/** HTTP → Kafka → sinks → ClickHouse by URL, each in processes of their own, with a producer that never rests. */
export interface River {
  readonly kafka: KafkaCluster
  readonly store: StoreUnderFault
  readonly ingest: IngestUnderFault
  readonly sinks: readonly SinkUnderFault[]
  readonly producer: SteadyProducer
  readonly otlpPort: number
  /** Between the first sink and the brokers, and between it and the store. */
  readonly brokerWires: readonly TcpProxy[]
  readonly storeWire: TcpProxy
  /** For the suite's own questions. */
  readonly asked: Store
  /** Records of gaps that the sinks have told of. */
  gaps(): number
  close(): Promise<void>
}

export const sessionTimeoutMs = 3000

export async function startRiver(options: {
  readonly brokers: number
  readonly sinks: number
  readonly random: () => number
  readonly storeMegabytes?: number
}): Promise<River> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-river-'))
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const storeFolder = join(folder, 'store')
    mkdirSync(storeFolder)
    if (options.storeMegabytes !== undefined) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.storeMegabytes}m`, 'tmpfs', storeFolder])
      undo.push(() => execFileSync('umount', ['--lazy', storeFolder]))
    }
    const [storePort = 0, otlpPort = 0] = await freePorts(2)
    const [kafka, store] = await Promise.all([
      startKafka({ brokers: options.brokers }),
      startStore(storeFolder, storePort),
    ])
    undo.push(() => store.signal('SIGKILL'), kafka.close)
    const asked = await createStore({
      kind: 'remote',
      url: store.url,
      username: 'default',
      password: '',
      database: 'default',
    })
    undo.push(asked.close)
    await migrate(asked.writer, { nowMs: Date.now() })

    const ingest = createProcessUnderFault<IngestOptions, IngestAnswers>('./ingest-process.ts', {
      brokers: kafka.addresses,
      port: otlpPort,
    })
    undo.push(() => ingest.signal('SIGKILL'))
    const storeWire = await startTcpProxy(() => storePort)
    const brokerWires = await Promise.all(kafka.brokers.map(broker => startTcpProxy(() => portOf(broker.address))))
    undo.push(...[storeWire, ...brokerWires].map(wire => wire.close))
    const wires = Object.fromEntries([
      [storePort, storeWire.port],
      ...kafka.brokers.map(({ address }, at) => [portOf(address), brokerWires[at]?.port]),
    ])
    let gaps = 0
    const sinks = Array.from({ length: options.sinks }, (_, at) =>
      createProcessUnderFault<SinkProcessOptions, SinkAnswers>(
        './sink-process.ts',
        {
          brokers: kafka.addresses,
          storeUrl: store.url,
          staging: join(folder, `staging-${at}`),
          sessionTimeoutMs,
          ...(at === 0 ? { wires } : {}),
        },
        message => {
          if (message.kind === 'gap') gaps += message.records
        },
      ),
    )
    for (const sink of sinks) {
      undo.push(async () => {
        await sink.signal('SIGCONT')
        await sink.signal('SIGKILL')
      })
    }
    await Promise.all([ingest.start(), ...sinks.map(sink => sink.start())])
    const producer = startSteadyProducer(options.random)
    undo.push(producer.stop)
    producer.pointTo(otlpPort)
    const wiresToCut = { brokerWires, storeWire }
    return { kafka, store, ingest, sinks, producer, otlpPort, ...wiresToCut, asked, gaps: () => gaps, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startStore(folder: string, port: number): Promise<StoreUnderFault> {
  let server: ClickHouseHttp | undefined
  const start: StoreUnderFault['start'] = async (changes = {}) => {
    server = await startClickHouseHttp({ ...changes, folder, port })
  }
  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    start,
    pid: () => server?.pid ?? 0,
    signal: async name => {
      await server?.kill(name)
    },
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}
