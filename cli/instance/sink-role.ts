import type { Consumer } from '../../ingest/bus/bus.ts'
import { createSink, type Sink } from '../../ingest/sink/sink.ts'
import type { Store } from '../../store/client/store.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import type { RoleContext } from './role-context.ts'
import { layerSources } from './store-settings.ts'

/** From the bus into the store. @param stagingDirectory of this process alone. */
export function startSink(
  { config, clock, logger, meter, shutdown }: RoleContext,
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
  const told = onStored === undefined ? {} : { onStored }
  const sink = createSink({ consumer, payloads, writer, inserts, stagingDirectory, clock, logger, meter, ...told })
  sink.start()
  shutdown.register('drain', 'sink', () => sink.stop())
  return sink
}
