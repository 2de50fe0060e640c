import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { createTokenCheck } from '../../lib/access.ts'
import { asNinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { TelemetrySignal } from '../bus/bus.ts'
import { type AcceptPayload, logRefusal } from './accept-payload.ts'
import type { Admission } from './admission.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import type { OtlpLimits } from './limits.ts'
import { grpcRefusal, successReply } from './replies.ts'

export interface GrpcServerOptions {
  readonly accept: AcceptPayload
  readonly limits: OtlpLimits
  readonly tokens: readonly string[] | null
  readonly logger: Logger
  readonly admission: Admission
  readonly metrics: GatewayMetrics
}

const services: Readonly<Record<TelemetrySignal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
}
const signals = Object.keys(services) as TelemetrySignal[]
const pathOf = (signal: TelemetrySignal) => `/${services[signal]}/Export`

/** Messages that one connection may have under way; with the limit of a message, what its sender can make us hold. */
const mostStreams = 16
/** The longest a message may take to arrive, as for a request over HTTP. */
const messageTimeoutMs = 60_000
const keepAlive = { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 20_000 }

/** Messages stay the bytes they are: walking and storing them needs no object. */
const asBytes = (bytes: Buffer): Buffer => bytes

/**
 * The three `Export` services of OTLP/gRPC over the same way in as OTLP/HTTP. A message may have `maxBodyBytes`, as sent and
 * inflated; compression is identity, gzip or deflate, which the library undoes. The library answers unknown services by itself.
 */
export function createGrpcServer(options: GrpcServerOptions): Server {
  const server = new Server({
    'grpc.max_receive_message_length': options.limits.maxBodyBytes,
    'grpc.max_concurrent_streams': mostStreams,
    ...keepAlive,
    interceptors: [createDoorkeeper(options)],
  })
  for (const signal of signals) {
    const method = {
      path: pathOf(signal),
      requestStream: false,
      responseStream: false,
      requestSerialize: asBytes,
      requestDeserialize: asBytes,
      responseSerialize: asBytes,
      responseDeserialize: asBytes,
    } as const
    const answer: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      const startedAt = performance.now()
      exportPayload(call, signal, startedAt, options).then(
        body => callback(null, body),
        error => callback(refuse(error, signal, startedAt, options)),
      )
    }
    server.addService({ Export: method }, { Export: answer })
  }
  return server
}

/** Looks at the head of a call: whoever may not come in, or comes while too much is under way, has no message read. */
function createDoorkeeper(options: GrpcServerOptions): ServerInterceptor {
  const checkToken = createTokenCheck(options.tokens, 'OTLP_UNAUTHENTICATED')
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start: next => {
        let timer: NodeJS.Timeout | undefined
        next({
          onReceiveMetadata: (metadata, pass) => {
            const signal = signals.find(candidate => pathOf(candidate) === method.path)
            try {
              checkToken(metadata.get('authorization')[0]?.toString())
              options.admission.admit().release()
            } catch (error) {
              call.sendStatus(refuse(error, signal, performance.now(), options))
              return
            }
            timer = setTimeout(
              () =>
                call.sendStatus({
                  code: status.DEADLINE_EXCEEDED,
                  details: 'the message took too long to arrive',
                  metadata: new Metadata(),
                }),
              messageTimeoutMs,
            )
            pass(metadata)
          },
          onReceiveMessage: (message, pass) => {
            clearTimeout(timer)
            pass(message)
          },
          onCancel: () => clearTimeout(timer),
        })
      },
    })
}

async function exportPayload(
  call: ServerUnaryCall<Buffer, Buffer>,
  signal: TelemetrySignal,
  startedAt: number,
  { accept, admission, metrics }: GrpcServerOptions,
): Promise<Buffer> {
  const reservation = admission.admit()
  try {
    reservation.add(call.request.length)
    const source = addressOf(call.getPeer())
    const { rejected, warnings } = await accept({ body: call.request, signal, format: 'protobuf', source })
    const reply = successReply('protobuf', signal, rejected, warnings)
    metrics.request(signal, reply.status, (performance.now() - startedAt) / 1000)
    return reply.body
  } finally {
    reservation.release()
  }
}

/** `address:port`, of which the port says nothing. */
const addressOf = (peer: string): string => peer.replace(/:\d+$/, '') || 'unknown'

/** The status of a refused call; counted as the HTTP status that the other door would have answered. */
function refuse(
  thrown: unknown,
  signal: TelemetrySignal | undefined,
  startedAt: number,
  { logger, metrics }: GrpcServerOptions,
): StatusObject {
  const error = asNinefoldError(thrown)
  const refusal = grpcRefusal(error)
  logRefusal(logger, error, refusal.httpStatus, signal)
  metrics.request(signal ?? 'none', refusal.httpStatus, (performance.now() - startedAt) / 1000)
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', refusal.details)
  return { code: refusal.code, details: refusal.message, metadata }
}
