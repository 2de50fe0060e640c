import type { Producer } from '../../ingest/bus/bus.ts'
import { createOtlpGateway, type ListeningGateway } from '../../ingest/otlp/gateway.ts'
import { defaultOtlpLimits } from '../../ingest/otlp/limits.ts'
import type { RoleContext } from './role-context.ts'

const corsMaxAgeSeconds = 600

/** OTLP in, onto the bus. */
export async function startIngest(context: RoleContext, producer: Producer): Promise<ListeningGateway> {
  const { config, clock, logger, meter, tokens, shutdown } = context
  const origins = config['otlp.corsOrigins']
  const gateway = createOtlpGateway({
    producer,
    limits: {
      ...defaultOtlpLimits,
      maxBodyBytes: config['otlp.maxBodyBytes'],
      maxDecompressedBytes: config['otlp.maxDecompressedBytes'],
    },
    tokens,
    cors: origins.length === 0 ? null : { origins, headers: [], maxAgeSeconds: corsMaxAgeSeconds },
    clock,
    logger,
    meter,
    maxBytesInFlight: config['otlp.maxBytesInFlight'],
    maxLagBytes: config['otlp.maxLagBytes'],
  })
  const listening = await gateway.listen(config.listen, config['otlp.http.port'])
  shutdown.register('stop-accepting', 'gateway', () => listening.close())
  return listening
}
