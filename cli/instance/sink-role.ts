import type { Consumer, PartitionLease, WaitingPartition } from '../../ingest/bus/bus.ts'
import { createForeignPayloads } from '../../ingest/otlp/foreign-payload.ts'
import { createSink, type Sink } from '../../ingest/sink/sink.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Store } from '../../store/client/store.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { openConsumer } from './bus-parts.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { openStore } from './open-store.ts'
import { otlpLimits } from './otlp-limits.ts'
import type { RoleContext } from './role-context.ts'
import { ownStagingDirectory } from './staging-directory.ts'
import type { StartedRole } from './started-role.ts'
import { layerSources, refuseForeignTables } from './store-settings.ts'

/** From the bus into the store. @param stagingDirectory of this process alone. */
export function startSink(
  { config, clock, logger, meter, shutdown, health }: RoleContext,
  parts: {
    readonly consumer: Consumer
    readonly store: Store
    readonly stagingDirectory: string
    /** Called whenever new rows can be read. */
    readonly onStored?: () => void
  },
): Sink {
  const { consumer, store, stagingDirectory, onStored } = parts
  const { payloads, writer } = store
  const inserts = payloadInserts(layerSources(config))
  const prepare = createForeignPayloads(otlpLimits(config))
  const told = onStored === undefined ? {} : { onStored }
  const common = { consumer, payloads, writer, inserts, prepare, stagingDirectory, clock, logger, meter }
  const sink = createSink({ ...common, ...told })
  sink.start()
  shutdown.register('drain', 'sink', () => sink.stop())
  health.add('partitions', () => waitingOrNull(sink.waiting(), clock.now()))
  return sink
}

/** Records that a sink may be behind and still be called ready: what it takes in within seconds. */
const mostLagRecords = 10_000

export async function runSink(context: RoleContext): Promise<StartedRole> {
  refuseForeignTables(context.config)
  const data = prepareDataDirectory(context.config.data)
  const store = await openStore(context, data)
  const { consumer } = await openConsumer(context)
  startSink(context, { consumer, store, stagingDirectory: ownStagingDirectory(data) })
  context.health.add('lag', () => behindOrNull(consumer.leases()))
  return { urls: {} }
}

/** One failure is tried again within a second; this long says that it will not pass soon. */
const shortestWaitMs = 10_000

/** Which partitions do not get on, and why: one sentence a reason. */
function waitingOrNull(waiting: readonly WaitingPartition[], nowMs: number): string | null {
  const long = waiting.filter(({ sinceMs }) => nowMs - sinceMs >= shortestWaitMs)
  if (long.length === 0) return null
  const byReason = Map.groupBy(long, ({ reason }) => reason)
  return [...byReason]
    .map(([reason, group]) => {
      const names = group.map(({ topic, partition }) => `${topic}/${partition}`).sort()
      const seconds = Math.round((nowMs - Math.min(...group.map(({ sinceMs }) => sinceMs))) / 1000)
      return `${names.join(', ')} for ${seconds} s: ${reason}: ${new NinefoldError(reason, '').remedy}`
    })
    .join(' ')
}

/** A sink beyond as many as there are partitions has none, and is as ready as it can be. */
function behindOrNull(leases: readonly PartitionLease[]): string | null {
  const lag = leases.reduce((sum, lease) => sum + Number(lease.endOffset() - lease.committed().next), 0)
  return lag > mostLagRecords ? `${lag} payloads behind, up to ${mostLagRecords} are called ready` : null
}
