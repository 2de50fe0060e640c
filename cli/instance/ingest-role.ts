import { otlpTopics, type Producer } from '../../ingest/bus/bus.ts'
import { createOtlpGateway } from '../../ingest/otlp/gateway.ts'
import { openProducer } from './bus-parts.ts'
import { otlpLimits } from './otlp-limits.ts'
import type { RoleContext } from './role-context.ts'
import type { StartedRole } from './started-role.ts'

const corsMaxAgeSeconds = 600

export interface IngestRole {
  /** Where OTLP/HTTP is taken. */
  readonly address: string
  readonly grpcAddress: string
}

/** OTLP in by both doors, onto the bus. */
export async function startIngest(context: RoleContext, producer: Producer): Promise<IngestRole> {
  const { config, clock, logger, meter, tokens, shutdown } = context
  const origins = config['otlp.corsOrigins']
  const gateway = createOtlpGateway({
    producer,
    limits: otlpLimits(config),
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
  const listeningGrpc = await gateway.listenGrpc(config.listen, config['otlp.grpc.port'])
  shutdown.register('stop-accepting', 'gRPC gateway', () => listeningGrpc.close())
  return { address: listening.address, grpcAddress: listeningGrpc.address }
}

export async function runIngest(context: RoleContext): Promise<StartedRole> {
  const { producer } = await openProducer(context, Object.values(otlpTopics))
  const { address, grpcAddress } = await startIngest(context, producer)
  return { urls: { otlp: address, otlpGrpc: grpcAddress } }
}
