import { join, resolve } from 'node:path'
import { startMetricsServer } from '../../api/metrics/metrics-server.ts'
import { createApi } from '../../api/server.ts'
import { createEvaluator } from '../../compute/jobs/evaluator.ts'
import { createSpecDesk } from '../../compute/jobs/spec-desk.ts'
import { createSpecLedger } from '../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce } from '../../compute/jobs/specs-in-force.ts'
import { createPagerDutySender } from '../../compute/notify/pagerduty.ts'
import { createReports } from '../../compute/reports/create-reports.ts'
import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import type { Bus } from '../../ingest/bus/bus.ts'
import { observeBus } from '../../ingest/bus/bus-metrics.ts'
import { openSegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import { createOtlpGateway } from '../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../ingest/otlp/limits.ts'
import { createDeadLetterBox } from '../../ingest/sink/dead-letter-box.ts'
import { createSink } from '../../ingest/sink/sink.ts'
import { refuseOpenDoor } from '../../lib/access.ts'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { createShutdown } from '../../lib/shutdown.ts'
import { createStore } from '../../store/client/create-store.ts'
import { migrateStore } from '../../store/migrations/migrate-store.ts'
import { applyRetention } from '../../store/migrations/retention.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { readSecretFile } from '../config.ts'
import type { Config } from '../config-keys.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { createMetricsFeed } from './metrics-feed.ts'
import { createPipelineReport } from './pipeline-report.ts'
import { removeInstanceFile, writeInstanceFile } from './running-instance.ts'
import { startSpecSource } from './spec-source.ts'
import { layerSources, storeLocation } from './store-settings.ts'

export interface Instance {
  readonly otlpUrl: string
  readonly apiUrl: string
  readonly metricsUrl: string
  /** Lets go in order: stops accepting, drains, flushes, closes the store. */
  stop(reason: string): Promise<void>
}

const shutdownStepTimeoutMs = 20_000
const specPollMs = 2000
const longestDrainMs = 5000

/** Every role in this process, over the embedded bus and the store of the configuration. What was begun is let go again when a step fails. */
export async function startInstance(options: {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly version: string
}): Promise<Instance> {
  const { config, clock, logger } = options
  const shutdown = createShutdown({ logger, stepTimeoutMs: shutdownStepTimeoutMs })
  try {
    return await compose(options, shutdown)
  } catch (error) {
    await shutdown.run('start failed')
    throw error
  } finally {
    logger.debug({ data: config.data, atMs: clock.now() }, 'start ended')
  }
}

async function compose(
  { config, clock, logger, version }: Parameters<typeof startInstance>[0],
  shutdown: ReturnType<typeof createShutdown>,
): Promise<Instance> {
  const tokens = readTokens(config)
  refuseOpenDoor(config.listen, tokens)
  const data = prepareDataDirectory(config.data)
  const bus = await openSegmentLog({
    directory: join(data, 'bus'),
    limits: { retentionBytes: config['retention.busBytes'], retentionSeconds: config['retention.busSeconds'] },
    clock,
    logger,
  })
  shutdown.register('flush', 'bus', () => bus.close())
  const metricsServer = await startMetricsServer(config.listen, config['metrics.port'])
  shutdown.register('close', 'metrics', () => metricsServer.close())
  const { meter } = metricsServer
  observeBus(meter, bus.producer)

  const store = await createStore(storeLocation(config, data))
  shutdown.register('close', 'store', () => store.close())
  await migrateStore(store, { clock, logger })
  await applyRetention(store.writer, {
    rawSeconds: config['retention.raw'],
    sliMinuteSeconds: config['retention.sliMinute'],
    sliHourSeconds: config['retention.sliHour'],
    sliDaySeconds: config['retention.sliDay'],
  })

  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger })
  const directory = resolve(config.specs)
  const specs = await startSpecSource({ directory, inForce, ledger, clock, logger, pollMs: specPollMs })
  shutdown.register('stop-accepting', 'spec source', () => specs.stop())

  const { payloads, writer } = store
  const inserts = payloadInserts(layerSources(config))
  const stagingDirectory = join(data, 'staging')
  const sink = createSink({ consumer: bus.consumer, payloads, writer, inserts, stagingDirectory, clock, logger, meter })
  sink.start()
  shutdown.register('drain', 'sink', () => sink.stop())
  shutdown.register('drain', 'backlog', () => stored(bus, clock))

  const reports = createReports({ reader: store.reader, specs: specs.current, clock })
  const api = createApi({
    reports,
    pipeline: createPipelineReport({ bus, sink, evaluator: () => evaluator, store, specs, clock }),
    deadLetters: createDeadLetterBox({ writer, producer: bus.producer, clock }),
    dashboards: { list: () => buildDashboards(specs.current()) },
    specDesk: createSpecDesk({ reader: store.reader, ledger, inForce, clock }),
    ready: () => store.ping(),
    edition: () => evaluator.stats().evaluations,
    tokens,
    logger,
    version,
  })
  const listeningApi = await api.listen(config.listen, config['api.port'])
  shutdown.register('stop-accepting', 'api', () => listeningApi.close())

  const viewerUrl = config['viewer.url'] ?? listeningApi.url
  const evaluator = createEvaluator({
    store,
    specs: specs.current,
    senders: pagerDutySenders(config, clock, viewerUrl),
    clock,
    logger,
    meter,
    rawRetentionSeconds: config['retention.raw'],
    cpuShare: config['compute.cpuShare'],
  })
  const feed = createMetricsFeed({ reports, edition: () => evaluator.stats().evaluations, clock, logger })
  metricsServer.observeSlos(feed.snapshot)
  evaluator.start()
  shutdown.register('drain', 'evaluator', () => evaluator.stop())
  feed.start()
  shutdown.register('drain', 'metrics feed', () => feed.stop())

  const gateway = createOtlpGateway({
    producer: bus.producer,
    limits: {
      ...defaultOtlpLimits,
      maxBodyBytes: config['otlp.maxBodyBytes'],
      maxDecompressedBytes: config['otlp.maxDecompressedBytes'],
    },
    tokens,
    cors:
      config['otlp.corsOrigins'].length === 0
        ? null
        : { origins: config['otlp.corsOrigins'], headers: [], maxAgeSeconds: 600 },
    clock,
    logger,
    meter,
    maxBytesInFlight: config['otlp.maxBytesInFlight'],
    maxLagBytes: config['otlp.maxLagBytes'],
  })
  const listeningGateway = await gateway.listen(config.listen, config['otlp.http.port'])
  shutdown.register('stop-accepting', 'gateway', () => listeningGateway.close())

  writeInstanceFile(data, { pid: process.pid, apiUrl: listeningApi.url })
  shutdown.register('close', 'instance file', () => removeInstanceFile(data))
  return {
    otlpUrl: listeningGateway.address,
    apiUrl: listeningApi.url,
    metricsUrl: metricsServer.url,
    stop: reason => shutdown.run(reason),
  }
}

/** Waits until the sink has nothing left, or for the longest that a stop may take: what is left then waits on the bus for the next start. */
async function stored(bus: Bus, clock: Clock): Promise<void> {
  const latest = clock.now() + longestDrainMs
  while (bus.producer.pressure().lagRecords > 0 && clock.now() < latest) await clock.sleep(25)
}

function readTokens(config: Config): readonly string[] | null {
  const file = config['auth.tokensFile']
  if (file === null) return null
  const tokens = readSecretFile('auth.tokensFile', file)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  if (tokens.length === 0) throw new NinefoldError('CONFIG_INVALID', `auth.tokensFile: ${file} holds no token`)
  return tokens
}

function pagerDutySenders(config: Config, clock: Clock, viewerUrl: string) {
  const routingKeyFile = config['pagerduty.routingKeyFile']
  const url = config['pagerduty.url']
  if (routingKeyFile === null || url === null) return []
  readSecretFile('pagerduty.routingKeyFile', routingKeyFile)
  const allowHosts = config['notify.allowHosts']
  const base = url.replace(/\/v2\/enqueue$/, '')
  return [createPagerDutySender({ url: base, routingKeyFile, links: { viewerUrl }, allowHosts, clock })]
}
