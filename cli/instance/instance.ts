import { join, resolve } from 'node:path'
import type { Producer } from '../../ingest/bus/bus.ts'
import { observeBus } from '../../ingest/bus/bus-metrics.ts'
import type { SegmentLog } from '../../ingest/bus/segment-log/segment-log.ts'
import { startApi } from './api-role.ts'
import { openBoth, openEmbeddedBus, openLease } from './bus-parts.ts'
import { startCompute } from './compute-role.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { startIngest } from './ingest-role.ts'
import { keepRetention, openStore } from './open-store.ts'
import type { BusLag } from './pipeline-report.ts'
import { startProber } from './prober-role.ts'
import { type ProcessContext, type RoleContext, type RoleOptions, withContext } from './role-context.ts'
import { removeInstanceFile, writeInstanceFile } from './running-instance.ts'
import { startSink } from './sink-role.ts'
import { startSpecs } from './specs-role.ts'
import { existingTables } from './store-settings.ts'

export interface Instance {
  /** Null where somebody else fills the tables. */
  readonly otlpUrl: string | null
  readonly otlpGrpcUrl: string | null
  readonly apiUrl: string
  readonly metricsUrl: string
  /** Lets go in order: stops accepting, drains, flushes, closes the store. */
  stop(reason: string): Promise<void>
}

const longestDrainMs = 5000

/** Every role in this process, over the bus and the store of the configuration. */
export function startInstance(options: RoleOptions): Promise<Instance> {
  return withContext(options, claim, compose)
}

/** The data directory is one process's: who starts a second one is told that, and not that a port is taken. */
async function claim(context: ProcessContext) {
  const data = prepareDataDirectory(context.config.data)
  return { data, embedded: context.config.bus === 'embedded' ? await openEmbeddedBus(context, data) : null }
}

async function compose(
  context: RoleContext,
  { data, embedded }: { readonly data: string; readonly embedded: SegmentLog | null },
): Promise<Omit<Instance, 'metricsUrl' | 'stop'>> {
  const { config, logger, meter, shutdown } = context
  const { producer, consumer } = embedded ?? (await openBoth(context))
  // Kafka's halves tell their own.
  if (embedded !== null) observeBus(meter, embedded)
  const store = await openStore(context, data)
  await keepRetention(context, store)
  const specs = await startSpecs(context, store, resolve(config.specs))
  // The sink finishes what the last run left before there is anybody to tell.
  let onStored: () => void = () => undefined
  const stagingDirectory = join(data, 'staging')
  const isFilledByOthers = existingTables(config) !== null
  const sink = isFilledByOthers
    ? null
    : startSink(context, { consumer, store, stagingDirectory, onStored: () => onStored() })
  shutdown.register('drain', 'backlog', () => stored(producer, context))
  const api = await startApi(context, {
    store,
    specs,
    producer,
    lag: () => lagOf(producer, embedded !== null),
    bytesInFlight: () => producer.pressure().bytesInFlight,
    sink,
    evaluator: () => evaluator,
    edition: () => evaluator.stats().evaluations,
  })
  const lease = await openLease(context)
  const viewerUrl = config['viewer.url'] ?? api.url
  const evaluator = startCompute(context, { store, specs: specs.source.current, lease, viewerUrl })
  onStored = evaluator.wake
  const gateway = isFilledByOthers ? null : await startIngest(context, producer)
  // Whoever has the first shard of the SLOs: one of all processes.
  const isMine = () => lease.current().held.includes(0)
  if (!isFilledByOthers) startProber(context, { producer, specs: specs.source.current, isMine })
  else if (specs.source.current().transactions !== undefined)
    logger.warn('synthetic transactions are not run: their results would go into tables that others fill')
  const instance = { pid: process.pid, apiUrl: api.url, specs: resolve(config.specs) }
  writeInstanceFile(data, instance)
  shutdown.register('close', 'instance file', () => removeInstanceFile(data, instance))
  return { otlpUrl: gateway?.address ?? null, otlpGrpcUrl: gateway?.grpcAddress ?? null, apiUrl: api.url }
}

/** Waits until the sink has nothing left, or for the longest that a stop may take: what is left then waits on the bus for the next start. */
async function stored(producer: Producer, { clock }: RoleContext): Promise<void> {
  const latest = clock.now() + longestDrainMs
  while (producer.pressure().lagRecords > 0 && clock.now() < latest) await clock.sleep(25)
}

/** Kafka counts records only. */
function lagOf(producer: Producer, countsBytes: boolean): BusLag {
  const { lagRecords, lagBytes } = producer.pressure()
  return { lagRecords, lagBytes: countsBytes ? lagBytes : null }
}
