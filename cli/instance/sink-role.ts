import type { Consumer } from '../../ingest/bus/bus.ts'
import { createSink, type Sink } from '../../ingest/sink/sink.ts'
import type { Store } from '../../store/client/store.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { openConsumer } from './bus-parts.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { openStore } from './open-store.ts'
import { otlpLimits } from './otlp-limits.ts'
import { createPayloadPreparation } from './payload-preparation.ts'
import type { RoleContext } from './role-context.ts'
import { ownStagingDirectory } from './staging-directory.ts'
import type { StartedRole } from './started-role.ts'
import { layerSources, refuseForeignTables } from './store-settings.ts'
import { behindOrNull, waitingOrNull } from './unready-reasons.ts'

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
  const prepare = createPayloadPreparation(otlpLimits(config))
  const told = onStored === undefined ? {} : { onStored }
  const common = { consumer, payloads, writer, inserts, prepare, stagingDirectory, clock, logger, meter }
  const sink = createSink({ ...common, ...told })
  sink.start()
  shutdown.register('drain', 'sink', () => sink.stop())
  health.add('partitions', () => waitingOrNull(sink.waiting(), clock.now()))
  return sink
}

export async function runSink(context: RoleContext): Promise<StartedRole> {
  refuseForeignTables(context.config)
  const data = prepareDataDirectory(context.config.data)
  const store = await openStore(context, data)
  const { consumer } = await openConsumer(context)
  startSink(context, { consumer, store, stagingDirectory: ownStagingDirectory(data) })
  context.health.add('lag', () => behindOrNull(consumer.leases()))
  return { urls: {} }
}
