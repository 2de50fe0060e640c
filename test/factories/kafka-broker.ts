import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { metrics } from '@opentelemetry/api'
import { openConnection } from '../../ingest/bus/kafka/protocol/connection.ts'
import { metadataApi } from '../../ingest/bus/kafka/protocol/metadata.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { realPart } from '../real-parts/install.ts'
import { freePorts } from './ninefold.ts'

/** A listener beside the plain one that brokers and tests of other things use. */
export interface ExtraListener {
  readonly name: string
  readonly protocol: 'SASL_PLAINTEXT' | 'SASL_SSL' | 'SSL'
  /** Lines of server.properties, each below `listener.name.NAME.`. */
  readonly properties: readonly string[]
}

export interface KafkaBroker {
  /** Of the plain listener. */
  readonly address: string
  /** Of the extra listeners, by name. */
  readonly extraAddresses: Readonly<Record<string, string>>
  readonly pid: number
  /** Ends it without notice by SIGKILL, in order by SIGTERM; SIGSTOP and SIGCONT halt and go on. */
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** On the same ports, with what is on its disk. */
  start(): Promise<void>
}

export interface KafkaCluster {
  readonly brokers: readonly KafkaBroker[]
  /** Addresses of all plain listeners. */
  readonly addresses: readonly string[]
  /** One of Kafka's own tools by its class, e.g. `org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`. @returns what it printed. */
  tool(className: string, ...args: readonly string[]): Promise<string>
  close(): Promise<void>
}

const startTimeoutMs = 180_000
/** Of what a broker says before it ends. */
const lastWordsLength = 3000

/** Real brokers (KRaft, each also a controller) on ports of their own, with folders below the system's temporary one. */
export async function startKafka(
  options: {
    readonly brokers?: number
    readonly extraListeners?: readonly ExtraListener[]
    readonly properties?: readonly string[]
    /** Arguments of `StorageTool format`, for users that must be there from the start. */
    readonly formatArguments?: readonly string[]
    /** For rates: lets the machine compile what runs long. Without, a broker starts with two fifths less CPU. */
    readonly longLived?: boolean
  } = {},
): Promise<KafkaCluster> {
  const libs = join(dirname(await realPart('kafka')), '*')
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-kafka-'))
  const count = options.brokers ?? 1
  const extra = options.extraListeners ?? []
  const perNode = 2 + extra.length
  const ports = await freePorts(count * perNode)
  const node = (id: number) => {
    const [plain = 0, controller = 0, ...others] = ports.slice(id * perNode, (id + 1) * perNode)
    return { plain, controller, others }
  }
  const voters = Array.from({ length: count }, (_, id) => `${id}@127.0.0.1:${node(id).controller}`).join(',')
  const clusterId = Buffer.from(`${Date.now()}ninefold00000`).subarray(0, 16).toString('base64url')
  const replicas = Math.min(3, count)

  const makeBroker = async (id: number): Promise<KafkaBroker> => {
    const { plain, controller, others } = node(id)
    const home = join(folder, String(id))
    mkdirSync(home)
    const listeners = [`PLAINTEXT://127.0.0.1:${plain}`, `CONTROLLER://127.0.0.1:${controller}`]
    const protocols = ['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT']
    const extraAddresses: Record<string, string> = {}
    for (const [at, { name, protocol }] of extra.entries()) {
      listeners.push(`${name}://127.0.0.1:${others[at]}`)
      protocols.push(`${name}:${protocol}`)
      extraAddresses[name] = `127.0.0.1:${others[at]}`
    }
    const file = join(home, 'server.properties')
    const lines = [
      'process.roles=broker,controller',
      `node.id=${id}`,
      `controller.quorum.voters=${voters}`,
      'controller.listener.names=CONTROLLER',
      `listeners=${listeners.join(',')}`,
      `listener.security.protocol.map=${protocols.join(',')}`,
      'inter.broker.listener.name=PLAINTEXT',
      `log.dirs=${join(home, 'data')}`,
      'group.initial.rebalance.delay.ms=0',
      'offsets.topic.num.partitions=4',
      `offsets.topic.replication.factor=${replicas}`,
      `default.replication.factor=${replicas}`,
      `min.insync.replicas=${count > 1 ? 2 : 1}`,
      'transaction.state.log.replication.factor=1',
      'transaction.state.log.min.isr=1',
      'auto.create.topics.enable=false',
      'group.min.session.timeout.ms=1000',
      'broker.session.timeout.ms=6000',
      ...extra.flatMap(({ name, properties }) => properties.map(line => `listener.name.${name.toLowerCase()}.${line}`)),
      ...(options.properties ?? []),
    ]
    writeFileSync(file, lines.join('\n'))
    const format = [
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      file,
      ...(options.formatArguments ?? []),
    ]
    await runJava(libs, format)
    let child: ChildProcess | undefined
    return {
      address: `127.0.0.1:${plain}`,
      extraAddresses,
      get pid() {
        return child?.pid ?? 0
      },
      start: async () => {
        child = await startBroker(libs, file, plain, options.longLived ? [] : ['-XX:TieredStopAtLevel=1'])
      },
      signal: async name => {
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
        const ends = name === 'SIGKILL' || name === 'SIGTERM'
        const ended = new Promise<void>(resolve => child?.once('exit', () => resolve()))
        child.kill(name)
        if (ends) await ended
      },
    }
  }

  const brokers = await Promise.all(Array.from({ length: count }, (_, id) => makeBroker(id)))
  const close = async () => {
    for (const broker of brokers) await broker.signal('SIGCONT')
    await Promise.all(brokers.map(broker => broker.signal('SIGKILL')))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(brokers.map(broker => broker.start()))
  } catch (error) {
    await close()
    throw error
  }
  const addresses = brokers.map(({ address }) => address)
  return {
    brokers,
    addresses,
    tool: (className, ...args) => runJava(libs, [className, '--bootstrap-server', addresses.join(','), ...args]),
    close,
  }
}

/** Ready when it answers and every broker of the cluster that is up has been let in. */
async function startBroker(libs: string, file: string, port: number, jvm: readonly string[]): Promise<ChildProcess> {
  const args = ['-Xmx384m', '-XX:+UseSerialGC', ...jvm, '-cp', libs, 'kafka.Kafka', file]
  const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let lastWords = ''
  child.stdout.on('data', (bytes: Buffer) => {
    lastWords = (lastWords + bytes.toString('utf8')).slice(-lastWordsLength)
  })
  const untilMs = Date.now() + startTimeoutMs
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the broker of ${file} ended with ${child.exitCode}: ${lastWords}`)
    if (Date.now() > untilMs) throw new Error(`the broker did not start within ${startTimeoutMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return child
}

async function answers(port: number): Promise<boolean> {
  const options = { brokers: [], clientId: 'test', tls: null, sasl: null, clock: systemClock }
  try {
    const address = { host: '127.0.0.1', port }
    const connection = await openConnection(address, {
      ...options,
      logger: silentLogger,
      meter: metrics.getMeter('test'),
    })
    try {
      const { brokers } = await connection.call(metadataApi, [])
      return brokers.some(broker => broker.port === port)
    } finally {
      await connection.close()
    }
  } catch {
    return false
  }
}

function runJava(libs: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', libs, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', chunk => {
      said += String(chunk)
    })
    child.stderr.on('data', chunk => {
      said += String(chunk)
    })
    child.on('error', reject)
    child.on('close', code => (code === 0 ? resolve(said) : reject(new Error(said.slice(-3000)))))
  })
}
