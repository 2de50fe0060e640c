import { join } from 'node:path'
import { type Meter, metrics } from '@opentelemetry/api'
import { createPayloadPreparation } from '../../cli/instance/payload-preparation.ts'
import type { Consumer } from '../../ingest/bus/bus.ts'
import { defaultOtlpLimits } from '../../ingest/otlp/limits.ts'
import { createSink, type Sink } from '../../ingest/sink/sink.ts'
import type { ProtocolStep } from '../../ingest/sink/steps.ts'
import { systemClock } from '../../lib/clock.ts'
import { type Logger, silentLogger } from '../../lib/logger.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { defaultLayerSources, type StoreUnderTest } from './store.ts'

/** A sink from a log that others may write to, as the composition root makes it. @param name its staging folder. */
export function startSharedSink(
  under: StoreUnderTest,
  consumer: Consumer,
  name: string,
  options: {
    readonly onStep?: (step: ProtocolStep) => Promise<void> | void
    readonly meter?: Meter
    readonly logger?: Logger
  } = {},
): Sink {
  const sink = createSink({
    consumer,
    payloads: under.store.payloads,
    writer: under.store.writer,
    inserts: payloadInserts(defaultLayerSources),
    prepare: createPayloadPreparation(defaultOtlpLimits),
    stagingDirectory: join(under.folder, name),
    clock: systemClock,
    logger: options.logger ?? silentLogger,
    meter: options.meter ?? metrics.getMeter('test'),
    bounds: { maxBytes: 1e7, maxRecords: 1000, fullBytes: 1e6, lingerMs: 5 },
    ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
  })
  sink.start()
  return sink
}
